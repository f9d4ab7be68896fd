#include "html.h"

namespace bdupdate::report {

namespace {

/// Length of the UTF-8 sequence that begins there; 0: it is none.
std::size_t sequence(std::string_view text) {
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xC0U) != 0x80U) return 0;
    // Overlong forms, surrogates, and what lies beyond Unicode.
    const unsigned second = byte(1);
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
        (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F))
        return 0;
    return length;
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string html;
    html.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = sequence(text);
        const char c = text.front();
        if (length == 0) {
            html += "\xEF\xBF\xBD";
        } else if (length > 1) {
            html += text.substr(0, length);
        } else if (c == '&') {
            html += "&amp;";
        } else if (c == '<') {
            html += "&lt;";
        } else if (c == '>') {
            html += "&gt;";
        } else if (c == '"') {
            html += "&quot;";
        } else if (c == '\'') {
            html += "&#39;";
        } else if (static_cast<unsigned char>(c) >= 0x20 ? c != 0x7f : c == '\n' || c == '\t') {
            html += c;
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return html;
}

// Colours are told apart by lightness and by signs, too, for readers who do not see red and green.
const char* const report_css = R"css(
:root { color-scheme: light dark; --back: #ffffff; --text: #1c2126; --faint: #5b6670; --line: #d5dade; --box: #f4f6f8;
  --good: #1a7f37; --bad: #c4262e; --caution: #8a5a00; --bar: #2f6fb5; --phase: #a3adb8; --good-back: #e3f4e6;
  --bad-back: #fbe5e6; --caution-back: #faf0d8; }
@media (prefers-color-scheme: dark) { :root { --back: #14181c; --text: #e3e7ea; --faint: #98a3ad; --line: #343c44;
  --box: #1d2329; --good: #5cc777; --bad: #ff7b80; --caution: #e0ac4c; --bar: #5e9fe4; --phase: #5a646e;
  --good-back: #17301d; --bad-back: #3a1c1e; --caution-back: #33290f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 66rem; padding: 1.5rem 1rem 4rem; background: var(--back); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .75rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2rem 0 .75rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
h3 { font: 600 1rem/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; margin: 0; overflow-wrap: anywhere; }
code, pre, .changes, svg text { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre, .changes { font-size: .85rem; line-height: 1.45; }
a { color: inherit; }
.badge { display: inline-block; padding: .05rem .6rem; border-radius: 1rem; font: 600 .8rem/1.6 system-ui, sans-serif;
  vertical-align: middle; border: 1px solid currentColor; }
.good { color: var(--good); } .bad { color: var(--bad); } .caution { color: var(--caution); } .faint { color: var(--faint); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0; }
dt { color: var(--faint); } dd { margin: 0; overflow-wrap: anywhere; }
.why { margin: 1rem 0 0; padding: .6rem .9rem; border-left: 4px solid var(--bad); background: var(--bad-back);
  white-space: pre-wrap; overflow-wrap: anywhere; }
.counts { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1.25rem 0 0; padding: 0; list-style: none; }
.counts li { background: var(--box); border: 1px solid var(--line); border-radius: .4rem; padding: .35rem .8rem; }
.counts b { font-size: 1.15rem; margin-right: .3rem; }
.chart { overflow-x: auto; } .chart svg { display: block; width: 100%; min-width: 44rem; height: auto; }
svg text { font-size: 11px; fill: var(--text); } svg .axis { fill: var(--faint); } svg .grid { stroke: var(--line); }
svg .done { fill: var(--bar); } svg .phase { fill: var(--phase); } svg .failed { fill: var(--bad); }
svg .undone { fill: var(--caution); }
.update { border: 1px solid var(--line); border-radius: .5rem; margin: 0 0 .75rem; padding: .7rem .9rem; }
.update.failed { border-color: var(--bad); } .update p { margin: .25rem 0 0; }
.head { display: flex; flex-wrap: wrap; gap: .2rem .8rem; align-items: baseline; justify-content: space-between; }
.messages { margin: .4rem 0 0; padding-left: 1.2rem; overflow-wrap: anywhere; }
.messages li { white-space: pre-wrap; }
details { margin-top: .45rem; } summary { cursor: pointer; color: var(--faint); }
.changes { margin: .3rem 0 0; padding: .4rem; background: var(--box); border-radius: .4rem; overflow-x: auto; }
.changes div { white-space: pre-wrap; overflow-wrap: anywhere; padding: 0 .4rem; }
.changes .sub { padding-left: 1.9rem; text-indent: -1rem; margin-left: .5rem; }
.add { background: var(--good-back); color: var(--good); } .del { background: var(--bad-back); color: var(--bad); }
.mod { background: var(--caution-back); color: var(--caution); }
pre { margin: .3rem 0 0; padding: .6rem; background: var(--box); border-radius: .4rem; overflow-x: auto; }
pre span { display: block; min-height: 1.45em; }
footer { margin-top: 2.5rem; color: var(--faint); font-size: .85rem; }
@media print { body { max-width: none; } .update { break-inside: avoid; } }
)css";

}  // namespace bdupdate::report
