"""`{% keep %}`: rendered once for equal values and a language; the inside sees nothing but the values."""

import pytest
from django.template import Context, RequestContext, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from saas.config.templatetags.ui import KeptNode


class Counted:
    """A value that counts how often it is written."""

    def __init__(self, text: str) -> None:
        self.text, self.times = text, 0

    def __str__(self) -> str:
        self.times += 1
        return self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Counted) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


def test_equal_values_are_rendered_once_and_others_anew():
    template = Template("{% keep name %}{{ name }}{% endkeep %}")
    first, again = Counted("果园 <A>"), Counted("果园 <A>")
    assert template.render(Context({"name": first})) == "果园 &lt;A&gt;"
    assert template.render(Context({"name": again})) == "果园 &lt;A&gt;"
    assert (first.times, again.times) == (1, 0)
    assert template.render(Context({"name": "美妆"})) == "美妆"


def test_the_inside_sees_only_its_values():
    template = Template("{% keep name %}{{ name }}{{ secret }}{{ request }}{{ csrf_token }}{% endkeep %}")
    request = RequestFactory().get("/")
    assert template.render(RequestContext(request, {"name": "n", "secret": "of another mall"})) == "n"


def test_each_language_has_its_own():
    template = Template('{% load i18n %}{% keep %}{% translate "Cart" %}{% endkeep %}')
    with translation.override("en"):
        assert template.render(Context()) == "Cart"
    with translation.override("zh-hans"):
        assert template.render(Context()) == "购物车"
    with translation.override("en"):
        assert template.render(Context()) == "Cart"


def test_a_lazy_value_is_kept_without_its_wrapper():
    template = Template("{% keep name %}{{ name }}{% endkeep %}")
    assert template.render(Context({"name": SimpleLazyObject(lambda: "brand")})) == "brand"
    node = next(iter(template.nodelist))
    assert isinstance(node, KeptNode)
    assert [type(part) for key in node.kept for part in key[1:]] == [str]


def test_forgets_all_at_once_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(KeptNode, "MOST", 2)
    template = Template("{% keep n %}{{ n }}{% endkeep %}")
    assert [template.render(Context({"n": n})) for n in range(3)] == ["0", "1", "2"]
    node = next(iter(template.nodelist))
    assert isinstance(node, KeptNode)
    assert list(node.kept.values()) == ["2"]


def test_a_block_inside_is_refused():
    with pytest.raises(TemplateSyntaxError):
        Template("{% keep %}{% block a %}{% endblock %}{% endkeep %}")
