"""WeChat Pay's error codes → our classes (CHANNELS 1.13): the code first, then the HTTP status, else UNKNOWN."""

from saas.channels.facts import ErrorClass

_BY_CODE = {
    "PARAM_ERROR": ErrorClass.BAD_PARAM,
    "INVALID_REQUEST": ErrorClass.BAD_PARAM,
    "APPID_MCHID_NOT_MATCH": ErrorClass.BAD_PARAM,
    "MCH_NOT_EXISTS": ErrorClass.BAD_PARAM,
    "ORDER_CLOSED": ErrorClass.CLOSED,
    "ORDERPAID": ErrorClass.PAID,
    "ORDER_PAID": ErrorClass.PAID,
    "SIGN_ERROR": ErrorClass.SIGN,
    "NO_AUTH": ErrorClass.NO_PERMISSION,
    "RULE_LIMIT": ErrorClass.NO_PERMISSION,
    "ACCOUNT_ERROR": ErrorClass.NO_PERMISSION,
    "USER_ACCOUNT_ABNORMAL": ErrorClass.NO_PERMISSION,
    "TRADE_ERROR": ErrorClass.NO_PERMISSION,
    "OUT_TRADE_NO_USED": ErrorClass.DUPLICATE,
    "NOT_ENOUGH": ErrorClass.INSUFFICIENT,
    "USERPAYING": ErrorClass.PAYING,
    "ORDER_NOT_EXIST": ErrorClass.NOT_FOUND,
    "ORDERNOTEXIST": ErrorClass.NOT_FOUND,
    "RESOURCE_NOT_EXISTS": ErrorClass.NOT_FOUND,
    "FREQUENCY_LIMITED": ErrorClass.RATE_LIMIT,
    "RATELIMIT_EXCEEDED": ErrorClass.RATE_LIMIT,
    "SYSTEM_ERROR": ErrorClass.UNKNOWN,
    "BANK_ERROR": ErrorClass.UNKNOWN,
}
# A code we do not know is not understood, whatever its status says; only these two say enough by themselves.
_BY_STATUS = {401: ErrorClass.SIGN, 429: ErrorClass.RATE_LIMIT}


def classify(status: int, code: str) -> ErrorClass:
    """The class of a non-2xx answer."""
    if status >= 500:
        return ErrorClass.UNKNOWN
    return _BY_CODE.get(code) or _BY_STATUS.get(status, ErrorClass.UNKNOWN)
