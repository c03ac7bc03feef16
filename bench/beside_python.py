"""Our TOTP check and our QR codes beside PyOTP's and python3-qrcode's, in one run: what a team would use otherwise.

Called by `./dev bench` with the folder of the benchmark programs. Each figure is the median of rounds taken in turn.
"""

import io
import json
import statistics
import subprocess
import sys
import time

import pyotp
import qrcode
import qrcode.image.svg

ROUNDS = 5
SECONDS = 0.4
# A key of 20 bytes, and the link of 145 characters that contact_bench makes codes of.
KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
LINK = ("otpauth://totp/Banco%20Feij%C3%A3o:jo%C3%A3o@exemplo.com.br?secret=" + KEY +
        "&issuer=Banco%20Feij%C3%A3o&algorithm=SHA1&digits=6&period=30")[:145]


def ours(program, name):
    """Times per second, by the benchmark program itself."""
    command = [program, f"--benchmark_filter=^{name}$", f"--benchmark_min_time={SECONDS}", "--benchmark_format=json"]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    bench = report["benchmarks"][0]
    assert bench["time_unit"] == "ns", bench
    return 1e9 / bench["cpu_time"]


def theirs(action):
    calls = 0
    begun = time.process_time()
    while time.process_time() - begun < SECONDS:
        action()
        calls += 1
    return calls / (time.process_time() - begun)


def check_totp():
    # A wrong code and one step of drift to both sides: every step in the window is computed.
    pyotp.TOTP(KEY).verify("000000", for_time=1_111_111_111, valid_window=1)


def make_qr():
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, image_factory=qrcode.image.svg.SvgPathImage)
    code.add_data(LINK)
    code.make(fit=True)
    code.make_image().save(io.BytesIO())


def main(folder):
    print(f"{'':<28}{'ours, per s':>14}{'theirs, per s':>16}{'ratio':>8}")
    for label, program, name, action in (
        ("TOTP check, PyOTP", "crypto_bench", "totp_ours", check_totp),
        ("QR code, python3-qrcode", "contact_bench", "otpauth_qr", make_qr),
    ):
        rounds = [(ours(f"{folder}/{program}", name), theirs(action)) for _ in range(ROUNDS)]
        mine, other = (statistics.median(side) for side in zip(*rounds))
        ratio = statistics.median(a / b for a, b in rounds)
        print(f"{label:<28}{mine:>14,.0f}{other:>16,.0f}{ratio:>8.1f}")


main(sys.argv[1])
