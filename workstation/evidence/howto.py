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
      rm -f /tmp/key.pem
      python3 - "$f" <<'EOF'
    import base64, glob, hashlib, json, sys
    e = json.load(open(sys.argv[1]))
    p, t = base64.b64decode(e["payload"]), e["payloadType"].encode()
    open("/tmp/signed.bin", "wb").write(b"DSSEv1 %d %s %d %s" % (len(t), t, len(p), p))
    open("/tmp/signature.bin", "wb").write(base64.b64decode(e["signatures"][0]["sig"]))
    open("/tmp/statement.json", "wb").write(p)
    for pem in map(lambda name: open(name).read(), glob.glob("data/keys/*.pem")):
        raw = base64.b64decode(pem.split("-----")[2])[-32:]
        if hashlib.sha256(raw).hexdigest() == e["signatures"][0]["keyid"]:
            open("/tmp/key.pem", "w").write(pem)
    EOF
      openssl pkeyutl -verify -pubin -inkey /tmp/key.pem -rawin \\
        -in /tmp/signed.bin -sigfile /tmp/signature.bin || echo "BAD: $f"
    done

The payload of `manifest-sha256.txt.dsse.json` must equal `manifest-sha256.txt`. Each record is checked with the key it
names; `data/keys` has more than one when the device's key was replaced or its data restored from a backup.

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

## 6. Time stamps

A time-stamp authority (RFC 3161) signed the record hash, which is the SHA-256 of the statement, and the time.
This needs `data/tokens`; a pack without it says device time only.

    for t in data/tokens/*.tsr; do
      [ -e "$t" ] || continue
      n=${t##*/}; n=${n%.tsr}; a=data/authorities/${n#*.}
      python3 - "data/records/${n%%.*}.json" <<'EOF'
    import base64, json, sys
    open("/tmp/statement.json", "wb").write(base64.b64decode(json.load(open(sys.argv[1]))["payload"]))
    EOF
      [ -e "$a.chain.pem" ] && c="-untrusted $a.chain.pem" || c=
      openssl ts -verify -in "$t" -data /tmp/statement.json -CAfile "$a.roots.pem" $c || echo "BAD: $t"
      openssl ts -reply -in "$t" -text 2>/dev/null | grep "Time stamp:"
    done

The record existed at that time, and so did every record the chain leads back to from it. Compare the root
certificate with the one the authority publishes; `data/authorities/*.json` names it, and says when it is a simulated
one that proves nothing. Once a certificate has run out, add `-attime` with the stamp's time in seconds since 1970.

    for r in data/authorities/*.roots.pem; do
      [ -e "$r" ] && openssl x509 -in "$r" -noout -subject -fingerprint -sha256
    done

## 7. The hub's log

The hub of the seller's team puts every record into one log (a Merkle tree, RFC 6962) and signs how it stands. Whoever
holds such a checkpoint notices when a record is taken out or exchanged later. This needs `data/log`.

    for n in data/log/*.checkpoint; do
      [ -e "$n" ] || continue
      python3 - "$n" <<'EOF'
    import base64, sys
    text, signature = open(sys.argv[1], "rb").read().rsplit(b"\\n\\n", 1)
    key = base64.b64decode(open("data/log/key.txt").read().strip().split("+", 2)[2])[1:]
    open("/tmp/signed.bin", "wb").write(text + b"\\n")
    open("/tmp/signature.bin", "wb").write(base64.b64decode(signature.split()[2])[4:])
    open("/tmp/log.pub.der", "wb").write(bytes.fromhex("302a300506032b6570032100") + key)
    EOF
      openssl pkeyutl -verify -pubin -keyform DER -inkey /tmp/log.pub.der -rawin \\
        -in /tmp/signed.bin -sigfile /tmp/signature.bin || echo "BAD: $n"
    done

This computes the root of the log from each record's place in it, and compares it with the signed one:

    python3 - data/log/records/*.json <<'EOF'
    import base64, hashlib, json, os, sys
    def node(left, right):
        return hashlib.sha256(b"\\x01" + left + right).digest()
    for name in filter(os.path.exists, sys.argv[1:]):
        p = json.load(open(name))
        record = json.load(open(name.replace("/log/", "/")))
        hashed = hashlib.sha256(base64.b64decode(record["payload"])).digest()
        at, index, last = hashlib.sha256(b"\\x00" + hashed).digest(), p["leaf"], p["size"] - 1
        for step in map(bytes.fromhex, p["proof"]):
            if index % 2 or index == last:
                at = node(step, at)
                while index and index % 2 == 0:
                    index, last = index // 2, last // 2
            else:
                at = node(at, step)
            index, last = index // 2, last // 2
        root = open("data/log/%d.checkpoint" % p["size"]).read().split("\\n")[2]
        right = last == 0 and base64.b64encode(at).decode() == root
        print(name, "is in the log" if right else "BAD")
    EOF

## What is for reading only

`data/report.html`, and `data/report.pdf` where there is one, repeat the records for people. `data/binder` holds the
seller's own order, captions, letters and translations, each with who translated. They are signed with the list of files
and are no records.

## What this does not prove

Without a time stamp the time is the device's own: device time only. A record proves that the bytes existed on this
device when the next record of the chain was made; it does not prove that what the screen showed was true. The log's key
is the hub's: another device of the team can say whether it is shown the same log.
"""


def text(key_id: str) -> bytes:
    """The page for packs of the device with this key."""
    return _TEXT.replace("{key_id}", key_id).encode()
