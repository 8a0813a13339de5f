"""Sentences of the trade with things that must survive, and a message store for translation tests."""

from __future__ import annotations

from workstation.translation.ports import MessageText

ENGLISH = (
    "Hello Mariana, thank you for your message about order 702-5512873-9046218.",
    "Your parcel LX473124829BR left our warehouse on 2026-11-12.",
    "We refunded R$ 129,90 to your card today; the bank needs up to 10 business days.",
    "You can follow it at https://track.example/p/LX473124829BR?lang=pt at any time.",
    "Order #1042 contains 2 items and costs USD 45.90 including shipping.",
    "Please send a photo of the damaged box to claims@store.example before 25/11/2026.",
    "The carrier tried to deliver on 14/11/2026 at 15:40, but nobody was at home.",
    "If it has not moved by 20/11/2026, we will send a replacement or refund the full R$ 349,00.",
    "The right model is KD-4410-BLK, not KD-4401-BLK, and we are sorry for the mix-up.",
    "We can offer a partial refund of 15% (R$ 52,35) if you prefer to keep the item.",
    "Customs in Curitiba asked for a tax number; reference CTB20261108XQ.",
    "The return window for order 701-8841209-3371550 is open until 2026-12-03.",
    "Please print the label at https://returns.example/l/8f2c91 and hand the parcel in within 7 days.",
    "The serial number SN88120457A is on the bottom of the speaker.",
    "Our records show that €12.50 was charged twice and €12.50 will be returned.",
    "Dear João Pereira, your refund of R$ 1.234,56 was sent on 18/11/2026.",
    "Call us on +55 11 4002-8922 between 09:00 and 18:00.",
    "Your coupon {coupon} gives {percent} off until {date}.",
    "The charger weighs 120 g and is 8.5 cm long.",
    "Order 250-7719003-5528116 was cancelled, so nothing was charged for 3 x USB-C cable UC-60W-2M.",
    "Parcel RB123456785GB was handed over to the post office on 2026-11-09T08:30:00Z.",
    "We will answer within 24 hours, and at the latest on 23/11/2026.",
    "The difference between R$ 199,90 and R$ 179,90 is R$ 20,00, which we will give back.",
    "Order 26-10482-77315 was placed on eBay and paid with PayPal.",
    "See page 14 of the manual, step 3, and press the button for 10 seconds.",
    "Your new address, 1450 Paulista Avenue, apartment 92, was passed on to the carrier.",
    "The invoice INV-2026-00417 lists 4 pieces at US$ 8.75 each.",
    "Shopee order 261105KQ7N2M4P was split into 2 parcels.",
    "We need the code 739204 that the carrier sent you by text message.",
    "Please do not pay the extra €3.20; that message did not come from us.",
    "The video at https://help.example/videos/reset-44 shows how to reset device AX200.",
    "Thank you for waiting 12 days; the parcel should arrive between 21/11 and 25/11.",
)
PORTUGUESE = (
    "Olá, meu pedido 702-5512873-9046218 ainda não chegou e já se passaram 18 dias.",
    "Paguei R$ 129,90 no dia 02/11/2026 e o rastreio LX473124829BR está parado desde 09/11/2026.",
    "Recebi só 2 das 4 unidades do produto KD-4410-BLK.",
    "O reembolso de R$ 349,00 do pedido 701-8841209-3371550 não apareceu no meu cartão.",
    "Vocês podem trocar o endereço para Rua das Acácias, 1450, apto 92, CEP 01310-100?",
    "O link https://track.example/p/LX473124829BR mostra entregue em 14/11/2026 às 15:40, mas não recebi nada.",
    "A alfândega cobrou R$ 87,32 de imposto, quem paga isso?",
    "Meu telefone é +55 11 98877-6655 e meu e-mail é carla.m@correio.example.",
    "Comprei o tamanho 42, mas veio o 39; o código na caixa é SP-39-AZ.",
    "A loja #1042 prometeu entregar até 15/11/2026.",
    "O aparelho de série SN88120457A parou de carregar depois de 3 dias.",
    "Quero devolver o pedido 250-7719003-5528116 e receber os R$ 1.234,56 de volta.",
    "Fiz duas compras, 702-1180042-6634907 e 702-1180042-6634915, e só uma chegou.",
    "Me cobraram US$ 45.90 duas vezes, veja a fatura INV-2026-00417.",
    "O desconto de 15% não foi aplicado; deveria ser R$ 52,35 a menos.",
    "O pacote RB123456785GB está em exceção desde 2026-11-09.",
    "Cancelem o pedido 261105KQ7N2M4P, por favor, ainda não foi enviado.",
    "O entregador passou às 8:15 e eu só chego depois das 18:30.",
    "Faltou o cabo UC-60W-2M na caixa do pedido 702-9917345-2208164.",
    "A nota diz 120 g, mas a balança mostra 96 g.",
    "Já mandei 3 mensagens e ninguém responde desde 10/11/2026.",
    "Abri uma reclamação com o número 739204 no site https://www.reclamar.example/c/739204.",
    "Vi que o preço caiu de R$ 199,90 para R$ 179,90; podem devolver R$ 20,00?",
    "O manual, página 14, manda apertar por 10 segundos, mas o AX200 não liga.",
    "Meu pedido foi enviado para o CEP 80020-310, que está errado.",
    "Qual é a voltagem: 110 V ou 220 V?",
    "Se não chegar até 25/11/2026, quero o dinheiro de volta.",
    "Segue a foto da etiqueta com o código LX473124829BR e o peso 0,450 kg.",
    "O número do protocolo é 2026111900417 e o valor é €12,50.",
    "Boa tarde Helena, o pedido 26-10482-77315 chegou com 1 peça quebrada.",
    "A garantia é de 12 meses e comprei em 05/03/2026.",
    "Recebi um e-mail pedindo para pagar €3,20 em www.pagar-taxa.example/x9; é de vocês?",
)


class Messages:
    """Messages by id; counts how often each was asked for."""

    def __init__(self, texts: dict[str, MessageText]) -> None:
        self.texts = texts
        self.asked: list[str] = []

    async def message_text(self, message_id: str) -> MessageText | None:
        self.asked.append(message_id)
        return self.texts.get(message_id)
