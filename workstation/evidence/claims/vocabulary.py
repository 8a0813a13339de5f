"""The kinds of proof that desks ask for, under one name for all desks, and what each one rests on.

A desk's file (`resources/claims`) names proofs from here. A new kind of proof is one line here; a new desk is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from workstation.kernel.i18n import N_


class Rests(StrEnum):
    """What shows a proof."""

    EXHIBIT = "exhibit"    # somebody must see it
    FACTS = "facts"        # the values themselves are asked for
    EITHER = "either"      # either will do


@dataclass(frozen=True, slots=True)
class Proof:
    """`facts` are ids of FACTS that must be known for it; `words` hint at it in a record's own title and purpose."""

    title: str
    advice: str
    rests: Rests = Rests.EXHIBIT
    facts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


PROOFS = {
    "proof_of_delivery": Proof(
        N_("Proof of delivery"), N_("Capture the carrier's page that says delivered, or ask the carrier in writing."),
        facts=("delivered_on",), words=("deliver", "track", "carrier", "parcel", "签收", "物流", "快递")),
    "tracking": Proof(
        N_("Carrier and tracking number"), N_("Import the order again or connect its shop, then check the order."),
        Rests.FACTS, ("carrier", "tracking_number")),
    "address": Proof(
        N_("Delivery place, to city or postcode"), N_("Connect a carrier that says where it delivered, and check."),
        Rests.EITHER, ("delivered_place",), ("address", "地址")),
    "shipping": Proof(
        N_("Proof of dispatch"), N_("Add the label or the carrier's receipt."),
        facts=("shipped_on", "tracking_number"), words=("ship", "dispatch", "label", "发货", "面单")),
    "signature": Proof(
        N_("Signature of the recipient"), N_("Ask the carrier for the signed confirmation."),
        words=("signature", "signed", "签名")),
    "communication": Proof(
        N_("Correspondence with the buyer"), N_("Include the correspondence or the replies as sent.")),
    "acknowledgement": Proof(
        N_("The buyer's own word that it arrived"), N_("Include the message in which the buyer says so."),
        words=("acknowledg", "确认收货")),
    "receipt": Proof(
        N_("Invoice or order confirmation"), N_("Add the invoice, or capture the order's page."),
        facts=("order_number", "amount"), words=("invoice", "receipt", "order confirmation", "发票", "订单")),
    "refund_policy": Proof(
        N_("Refund policy as the buyer saw it"), N_("Capture the policy's page and where the buyer agreed to it."),
        words=("policy", "terms", "政策", "条款")),
    "refund": Proof(
        N_("Refund given, with amount and date"), N_("Check the order again, and capture the refund's page."),
        Rests.EITHER, ("refunds",), ("refund", "退款")),
    "promise": Proof(
        N_("Promised delivery date not yet passed"), N_("Import the order again, so that the promised date is known."),
        Rests.FACTS, ("promised_on",)),
    "return_label": Proof(
        N_("Return label"), N_("Add the return label that the buyer was given."), words=("return label", "退货面单")),
    "return_missing": Proof(
        N_("The return never arrived"), N_("Capture the return's tracking page."), words=("return", "退货")),
    "item_photos": Proof(
        N_("Photos of the item as packed"), N_("Add photos of the item before it was packed."),
        words=("packed", "packing", "打包")),
    "damage_photos": Proof(
        N_("Close-up of the damage"), N_("Ask the buyer for a photo of the damage."),
        words=("damage", "broken", "破损")),
    "comparison": Proof(
        N_("What was sent beside what came back"), N_("Photograph both side by side."), words=("compar", "对比")),
    "waybill": Proof(
        N_("Waybill, nothing covered"), N_("Photograph the waybill with every field in view."),
        words=("waybill", "运单")),
    "parcel_photo": Proof(
        N_("Parcel with tracking number, sender and recipient"), N_("Photograph the parcel with its label in view."),
        words=("parcel photo", "包裹照片")),
    "description": Proof(
        N_("The item as it was described"), N_("Capture the listing as it was when the buyer ordered."),
        words=("listing", "description", "product page", "商品页", "详情")),
    "authenticity": Proof(
        N_("Proof of authenticity"), N_("Add the supplier's invoice or a certificate."),
        words=("authentic", "certificate", "正品", "授权")),
    "expert": Proof(
        N_("A neutral third opinion"), N_("Add a report by somebody who has no part in it."),
        words=("expert", "report", "鉴定")),
    "cancellation": Proof(
        N_("Cancellation policy or request"), N_("Capture the policy, or add the buyer's request."),
        words=("cancel", "取消")),
    "service": Proof(
        N_("Proof that a service was given"), N_("Add what shows that the service was used."),
        words=("service", "服务")),
    "other": Proof(N_("Other"), N_("Add what else helps.")),
}

FACTS = {
    "order_number": N_("Order number"), "ordered_on": N_("Ordered on"), "items": N_("Items"),
    "amount": N_("Amount"), "buyer_name": N_("Buyer"), "buyer_email": N_("Buyer's e-mail"),
    "country": N_("Country of delivery"), "carrier": N_("Carrier"), "service": N_("Shipping service"),
    "tracking_number": N_("Tracking number"), "shipped_on": N_("Shipped on"),
    "promised_on": N_("Promised delivery"), "delivered_on": N_("Delivered on"),
    "delivery_status": N_("Delivery status"), "delivered_place": N_("Delivered at"), "refunds": N_("Refunds"),
}
"""Structured values of a case, in the order in which they are shown."""
CLAIM_FACTS = {
    "claim_reference": N_("Claim reference"), "claim_opened_on": N_("Claim opened on"), "answer_by": N_("Answer by"),
}
"""What a person knows of the claim itself; of each desk of a case."""
