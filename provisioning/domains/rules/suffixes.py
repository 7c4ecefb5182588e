"""Suffixes under which others register names, and those that are no place of the internet. Data.

Not the whole public suffix list: what is missing only leads to a request that can never be proved, since nobody but a
registry can put the TXT record there.
"""

_CN = (
    "ac com edu gov mil net org ah bj cq fj gd gs gx gz ha hb he hi hk hl hn jl js jx ln mo nm nx qh sc sd sh sn sx tj "
    "tw xj xz yn zj"
)
_SECOND = {
    "cn": _CN,
    "hk": "com edu gov idv net org",
    "tw": "com club ebiz edu game gov idv mil net org",
    "mo": "com edu gov net org",
    "sg": "com edu gov net org per",
    "my": "biz com edu gov mil name net org",
    "uk": "ac co gov ltd me net nhs org plc police sch",
    "jp": "ac ad co ed go gr lg ne or",
    "kr": "ac co go mil ne or pe re",
    "au": "asn com edu gov id net org",
    "nz": "ac co geek gen govt iwi kiwi maori net org school",
    "in": "ac co edu firm gen gov ind mil net nic org res",
    "th": "ac co go in mi net or",
    "vn": "ac biz com edu gov health info int name net org pro",
    "ph": "com edu gov mil net ngo org",
    "id": "ac biz co desa go mil my net or sch web",
    "br": "com edu gov net org",
    "mx": "com edu gob net org",
    "za": "ac co edu gov law mil net nom org school web",
    "il": "ac co gov idf k12 muni net org",
    "tr": "av bel bbs biz com dr edu gen gov info k12 kep mil name net org pol tel tv web",
}
_OTHERS = (
    "eu.org cn.com uk.com us.com eu.com github.io gitee.io pages.dev workers.dev vercel.app netlify.app "
    "herokuapp.com myqcloud.com aliyuncs.com amazonaws.com cloudfront.net azurewebsites.net web.app firebaseapp.com"
)
PUBLIC_SUFFIXES = frozenset(
    [*(f"{second}.{top}" for top, names in _SECOND.items() for second in names.split()), *_OTHERS.split()]
)
# RFC 6761, 6762, 7686, 8375, 9476 and what home and office routers use.
SPECIAL_SUFFIXES = frozenset(
    [
        "localhost",
        "local",
        "internal",
        "test",
        "example",
        "invalid",
        "onion",
        "alt",
        "arpa",
        "lan",
        "corp",
        "home",
        "intranet",
        "private",
        "localdomain",
        "example.com",
        "example.net",
        "example.org",
    ]
)
