"""What people see of the sandbox: cashier, results, test merchant accounts. Chinese first, English by `?lang=en`."""

import html
from typing import Any

import zxingcpp

_WORDS = {
    "cashier": ("收银台", "Cashier"),
    "sandbox": ("模拟环境 · 不会产生真实扣款", "Sandbox · no real money moves"),
    "pay_to": ("付款给", "Pay to"),
    "pay": ("立即支付", "Pay now"),
    "fail": ("模拟支付失败", "Let the payment fail"),
    "close": ("取消付款", "Cancel"),
    "number": ("商户单号", "Merchant number"),
    "item": ("商品", "For"),
    "way": ("支付方式", "Method"),
    "native": ("扫码支付", "QR code"),
    "jsapi": ("微信内支付", "Inside WeChat"),
    "h5": ("手机浏览器支付", "Phone browser"),
    "paid": ("支付成功", "Paid"),
    "closed": ("订单已关闭", "Closed"),
    "failed": ("支付失败，未扣款", "Payment failed, nothing charged"),
    "bad_signature": ("支付签名验证失败", "The payment signature is wrong"),
    "unknown": ("找不到这笔订单", "No such payment"),
    "back": ("返回商家", "Back to the shop"),
    "again": ("重新支付", "Try again"),
    "merchants": ("测试商户", "Test merchants"),
    "register": ("开通一个测试商户", "Open a test merchant account"),
    "name": ("商户名称", "Merchant name"),
    "once": ("以下凭证只显示这一次，请复制到商城后台的“支付设置”。", "Shown once: copy these into the mall's payment settings."),
    "recent": ("最近的订单", "Recent payments"),
    "copy": ("复制", "Copy"),
}  # fmt: skip
_STYLE = """
:root{--green:#07c160;--ink:#191919;--soft:#8a8a8a;--line:#ededed}*{box-sizing:border-box}
body{margin:0;background:#f4f5f5;color:var(--ink);font:16px/1.6 -apple-system,"PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif}
main{max-width:26rem;margin:0 auto;min-height:100vh;background:#fff;padding:1.25rem 1.25rem 2rem;display:flex;flex-direction:column}
main.wide{max-width:46rem}header{display:flex;justify-content:space-between;align-items:center;font-size:.8rem;color:var(--soft)}
header b{color:var(--green);font-size:.95rem}.tag{background:#fff7e6;color:#ad6800;border-radius:1rem;padding:.1rem .7rem}
.who{text-align:center;margin-top:2.2rem;color:#4a4a4a}.amount{text-align:center;font-size:3rem;font-weight:650;line-height:1.2;margin:.3rem 0 1.6rem}
.amount small{font-size:1.6rem;margin-right:.15rem}dl{margin:0 0 1.6rem;border-top:1px solid var(--line)}
dl div{display:flex;justify-content:space-between;gap:1rem;padding:.75rem 0;border-bottom:1px solid var(--line)}dt{color:var(--soft);white-space:nowrap}
dd{margin:0;text-align:right;word-break:break-all}button,.button{display:block;width:100%;border:0;border-radius:.6rem;padding:.85rem;font:inherit;font-weight:600;
text-align:center;text-decoration:none;cursor:pointer;margin-top:.7rem;background:#f2f2f2;color:var(--ink)}button.main,.button.main{background:var(--green);color:#fff}
button:focus-visible,.button:focus-visible{outline:3px solid #07c16055;outline-offset:2px}.quiet{background:none;color:var(--soft);font-weight:400}
.mark{width:4.5rem;height:4.5rem;border-radius:50%;margin:3.5rem auto .8rem;display:grid;place-items:center;font-size:2.3rem;color:#fff;background:var(--green)}
.mark.bad{background:#fa5151}.mark.grey{background:#b2b2b2}h1{font-size:1.25rem;text-align:center;margin:.2rem 0 1.2rem}.grow{flex:1}
textarea,input{width:100%;font:13px/1.5 ui-monospace,monospace;padding:.6rem;border:1px solid #ddd;border-radius:.5rem}label{display:block;margin:.9rem 0 .25rem;color:var(--soft);font-size:.85rem}
table{width:100%;border-collapse:collapse;font-size:.85rem}td,th{padding:.5rem .3rem;border-bottom:1px solid var(--line);text-align:left}svg{max-width:100%}
"""


class Words:
    """The texts of one language."""

    def __init__(self, language: str) -> None:
        self.index = 1 if language.startswith("en") else 0
        self.language = "en" if self.index else "zh-Hans"

    def __getitem__(self, name: str) -> str:
        return _WORDS[name][self.index]


def _page(words: Words, inner: str, *, wide: bool = False) -> str:
    return (
        f'<!doctype html><html lang="{words.language}"><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width,initial-scale=1"><title>{words["cashier"]}</title><style>{_STYLE}</style>'
        f'<main class="{"wide" if wide else ""}"><header><b>{words["cashier"]}</b>'
        f'<span class="tag">{words["sandbox"]}</span></header>{inner}</main></html>'
    )


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals."""
    return f"{fen // 100}.{fen % 100:02d}"


def cashier(words: Words, payment: dict[str, Any], merchant: dict[str, Any], back: str, failed: bool) -> str:
    """The page with Pay, Fail and Close."""
    if payment["state"] != "NOTPAY":
        return result(words, payment, merchant, back)
    rows = "".join(
        f"<div><dt>{words[name]}</dt><dd>{html.escape(value)}</dd></div>"
        for name, value in (
            ("item", payment["description"]),
            ("way", words[payment["kind"]]),
            ("number", payment["number"]),
        )
    )
    note = f'<h1 role="alert" style="color:#fa5151">{words["failed"]}</h1>' if failed else ""
    hidden = f'<input type="hidden" name="back" value="{html.escape(back)}">'
    return _page(
        words,
        f'<div class="who">{words["pay_to"]} <b>{html.escape(merchant["name"])}</b></div>'
        f'<div class="amount"><small>¥</small>{yuan(payment["total"])}</div>{note}<dl>{rows}</dl><div class="grow"></div>'
        f'<form method="post" action="/cashier/{payment["token"]}">{hidden}'
        f'<button class="main" name="do" value="pay">{words["pay"]} ¥{yuan(payment["total"])}</button>'
        f'<button name="do" value="fail">{words["fail"]}</button>'
        f'<button class="quiet" name="do" value="close">{words["close"]}</button></form>',
    )


def result(words: Words, payment: dict[str, Any], merchant: dict[str, Any], back: str) -> str:
    """What became of it, and the way back."""
    paid = payment["state"] in ("SUCCESS", "REFUND")
    mark, text = ("✓", words["paid"]) if paid else ("×", words["closed"])
    link = f'<a class="button main" href="{html.escape(back)}">{words["back"]}</a>' if back else ""
    return _page(
        words,
        f'<div class="mark {"" if paid else "grey"}">{mark}</div><h1>{text}</h1>'
        f'<div class="who" style="margin-top:0">{html.escape(merchant["name"])}</div>'
        f'<div class="amount"><small>¥</small>{yuan(payment["total"])}</div><div class="grow"></div>{link}',
    )


def trouble(words: Words, name: str) -> str:
    """A page for what cannot be shown."""
    return _page(words, f'<div class="mark bad">!</div><h1>{words[name]}</h1>')


def home(words: Words, merchants: list[dict[str, Any]], payments: list[dict[str, Any]]) -> str:
    """Test merchant accounts and recent payments."""
    rows = "".join(
        f"<tr><td>{html.escape(row['name'])}<td>{row['mchid']}<td>{row['appid']}<td>{row['mode']}</tr>"
        for row in merchants
    )
    recent = "".join(
        f'<tr><td><a href="/cashier/{row["token"]}">{row["number"]}</a><td>{html.escape(row["description"])}'
        f"<td>¥{yuan(row['total'])}<td>{row['state']}</tr>"
        for row in payments
    )
    return _page(
        words,
        f'<h1>{words["register"]}</h1><form method="post" action="/merchants"><label for="name">{words["name"]}</label>'
        f'<input id="name" name="name" required maxlength="40"><button class="main">{words["register"]}</button></form>'
        f"<h1 style='margin-top:2.5rem'>{words['merchants']}</h1><table>{rows}</table>"
        f"<h1 style='margin-top:2.5rem'>{words['recent']}</h1><table>{recent}</table>",
        wide=True,
    )


def credentials(words: Words, fields: dict[str, str]) -> str:
    """A new merchant's credential set, to be copied into the mall's form."""
    inner = "".join(
        f'<label for="{name}">{name}</label><textarea id="{name}" readonly rows="{6 if "-----" in value else 1}">'
        f"{html.escape(value)}</textarea>"
        for name, value in fields.items()
    )
    return _page(words, f"<h1>{words['once']}</h1>{inner}", wide=True)


def code(words: Words, payment: dict[str, Any], merchant: dict[str, Any], url: str) -> str:
    """What a QR code's link shows on a big screen: the code again, beside the way to the cashier."""
    made = zxingcpp.create_barcode(url, zxingcpp.BarcodeFormat.QRCode, ec_level="M").to_svg(scale=6)
    picture = made[made.index("<svg") :]
    return _page(
        words,
        f'<div class="who">{words["pay_to"]} <b>{html.escape(merchant["name"])}</b></div>'
        f'<div class="amount"><small>¥</small>{yuan(payment["total"])}</div><div style="text-align:center">{picture}</div>'
        f'<a class="button main" href="{html.escape(url)}">{words["cashier"]}</a>',
    )
