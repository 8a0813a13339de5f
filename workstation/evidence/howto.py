"""The page in every pack that tells anyone how to check it with public tools. The tests run its commands."""

from __future__ import annotations

_TEXT = """# How to check this pack

Nothing here needs the program that wrote it. Unzip the pack and open a shell in its folder
(the one with `bagit.txt`). 中文：解压后在含有 `bagit.txt` 的文件夹中打开终端，依次运行下面的命令即可核验。

## 1. Nothing was changed since the pack was written

    sha256sum -c manifest-sha256.txt
    sha256sum -c tagmanifest-sha256.txt

or with any BagIt validator (the pack is a BagIt 1.0 bag, RFC 8493):

    python3 -m pip install bagit
    bagit.py --validate .

## 2. The device signed every record and the list of files

Each `data/records/*.json` is a DSSE envelope. This writes the signed bytes, the signature and the statement of each
record, and checks the signature with openssl (1.1.1 or newer, 3.x advised):

    for f in data/records/*.json manifest-sha256.txt.dsse.json; do
      python3 - "$f" <<'EOF'
    import base64, json, sys
    e = json.load(open(sys.argv[1]))
    p, t = base64.b64decode(e["payload"]), e["payloadType"].encode()
    open("/tmp/signed.bin", "wb").write(b"DSSEv1 %d %s %d %s" % (len(t), t, len(p), p))
    open("/tmp/signature.bin", "wb").write(base64.b64decode(e["signatures"][0]["sig"]))
    open("/tmp/statement.json", "wb").write(p)
    EOF
      openssl pkeyutl -verify -pubin -inkey data/keys/device.pub.pem -rawin \\
        -in /tmp/signed.bin -sigfile /tmp/signature.bin || echo "BAD: $f"
    done

The payload of `manifest-sha256.txt.dsse.json` must equal `manifest-sha256.txt`. Records signed before the device's key
was replaced need the other key in `data/keys`.

The key's id is the SHA-256 of its raw 32 bytes:

    openssl pkey -pubin -in data/keys/device.pub.pem -outform DER | tail -c 32 | sha256sum

It must be `{key_id}`,
and the owner of the device must confirm that this is the id the device shows.
The pack alone cannot prove whose key it is.

## 3. The files are the ones that were sealed

In a statement, `file.sha256` is the hash of the file of the same id in `data/files`, and
`file.pixels.sha256` the hash of its decoded RGBA pixels, row by row from the top:

    sha256sum data/files/*

## 4. The order is the one the device wrote

`chain.sequence` counts the device's records from 1. `chain.previous` is the SHA-256 of the statement before it
(of `/tmp/statement.json` above, byte for byte). Numbers that are missing here belong to records outside this pack.
The last record, of kind `export`, says how many records it was written for (`what.count`) and the SHA-256
of their list (`what.records_sha256`): one line `<id> <record hash>` for each, in order of `chain.sequence`.

## 5. Personal values

A statement holds only SHA-256(salt ‖ value) of names, titles and addresses. `data/private/*.json` holds salt and value:

    (printf '<salt>' | xxd -r -p; printf '%s' '<value>') | sha256sum

A value that is absent was erased; the hash of its record still verifies.

## What this does not prove

The time is the device's own (`when.source` is "device"): device time only. A record proves that the bytes existed
on this device when the next record of the chain was made; it does not prove that what the screen showed was true.
"""


def text(key_id: str) -> bytes:
    """The page for packs of the device with this key."""
    return _TEXT.replace("{key_id}", key_id).encode()
