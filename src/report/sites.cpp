#include "bdupdate/report/sites.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/text.h"
#include "bdupdate/report/layout.h"
#include "bdupdate/report/text.h"
#include "json_text.h"

namespace bdupdate::report {

using Ending = SiteResult::Ending;

namespace {

struct Rank {
    ExitCode code;
    const char* word;  ///< for a person
    const char* name;  ///< for a program
};

/// The worst first.
constexpr std::array<Rank, 13> ranks = {{
    {ExitCode::NeedsHands, "needs hands", "needs_hands"},
    {ExitCode::Interrupted, "to recover", "to_recover"},
    {ExitCode::UpdateFailed, "failed", "failed"},
    {ExitCode::Interrupt, "interrupted", "interrupted"},
    {ExitCode::Terminated, "interrupted", "interrupted"},
    {ExitCode::Hangup, "interrupted", "interrupted"},
    {ExitCode::BackupFailed, "no backup", "no_backup"},
    {ExitCode::Preflight, "refused", "refused"},
    {ExitCode::Usage, "refused", "refused"},
    {ExitCode::Held, "held", "held"},
    {ExitCode::Blocked, "blocked", "blocked"},
    {ExitCode::Pending, "pending", "pending"},
    {ExitCode::Done, "done", "done"},
}};

std::size_t rank_of(ExitCode code) {
    std::size_t rank = 0;
    while (rank + 1 < ranks.size() && ranks.at(rank).code != code) ++rank;
    return rank;
}

std::string word_of(const SiteResult& site) {
    if (!site.word.empty() && site.code == ExitCode::Done) return site.word;
    if (site.ending == Ending::NotBegun) return "not begun";
    return site.ending == Ending::Crashed ? "crashed" : ranks.at(rank_of(site.code)).word;
}

std::string name_of(const SiteResult& site) {
    if (site.ending == Ending::NotBegun) return "not_begun";
    return site.ending == Ending::Crashed ? "crashed" : ranks.at(rank_of(site.code)).name;
}

std::string colored(const std::string& text, const SiteResult& site, const Style& style) {
    if (site.ending == Ending::Ended && site.code == ExitCode::Done) return style.good(text);
    const bool soft = site.code == ExitCode::Blocked || site.code == ExitCode::Pending ||
                      site.code == ExitCode::Held || site.ending == Ending::NotBegun;
    return soft ? style.caution(text) : style.bad(text);
}

/// The better ones first, each kind in the order of the list.
std::vector<const SiteResult*> by_rank(const std::vector<SiteResult>& sites) {
    std::vector<const SiteResult*> rows;
    for (const SiteResult& site : sites) rows.push_back(&site);
    std::stable_sort(rows.begin(), rows.end(), [](const SiteResult* a, const SiteResult* b) {
        return rank_of(a->code) > rank_of(b->code);
    });
    return rows;
}

/// JSON of a stdout: one document, or a list of events.
void add_document(Json& json, const std::string& text) {
    Json whole = Json::parse(text, nullptr, false);
    if (whole.is_object() && whole.value("event", "") == "error") {
        json["answer"] = nullptr;  // that is told beside it
        return;
    }
    if (!whole.is_discarded() && !(whole.is_object() && whole.contains("event"))) {
        json["answer"] = std::move(whole);
        return;
    }
    Json events = Json::array();
    for (const std::string_view line : split(text, '\n')) {
        Json event = Json::parse(line, nullptr, false);
        // What a crash cut off is no event.
        if (!event.is_discarded()) events.push_back(std::move(event));
    }
    if (events.empty())
        json["answer"] = nullptr;
    else
        json["events"] = std::move(events);
}

}  // namespace

bool is_exit_code(int code) {
    return std::any_of(ranks.begin(), ranks.end(),
                       [code](const Rank& rank) { return static_cast<int>(rank.code) == code; });
}

ExitCode worst(const std::vector<SiteResult>& sites) {
    std::size_t rank = ranks.size() - 1;
    for (const SiteResult& site : sites) rank = std::min(rank, rank_of(site.code));
    return ranks.at(rank).code;
}

std::string sites_text(const std::vector<SiteResult>& sites, const Style& style) {
    std::size_t name_width = 0, word_width = 0;
    for (const SiteResult& site : sites) {
        name_width = std::max(name_width, display_width(site.name));
        word_width = std::max(word_width, display_width(word_of(site)));
    }
    std::string text;
    std::vector<std::pair<std::string, std::size_t>> counts;
    const std::size_t before = name_width + word_width + 4;
    for (const SiteResult* site : by_rank(sites)) {
        const std::string word = word_of(*site);
        const std::string& told = site->error.empty() ? site->text : site->error;
        const std::string name = padded(site->name, name_width);
        text += style.bold(site->name) + name.substr(site->name.size()) + "  " + colored(word, *site, style);
        if (!told.empty())
            text += padded(word, word_width).substr(word.size()) + "  " +
                    cut(first_sentence(told), style.width > before ? style.width - before : 0);
        text += "\n";
        if (counts.empty() || counts.back().first != word) counts.emplace_back(word, 0);
        ++counts.back().second;
    }
    std::vector<std::string> parts;
    for (const auto& [word, count] : counts) parts.push_back(std::to_string(count) + " " + word);
    return text + "\n" + counted(sites.size(), "site") + ": " + join(parts, ", ") + "\n";
}

std::optional<Planned> planned(const std::string& plan_document) {
    const Json plan = Json::parse(plan_document, nullptr, false);
    if (!plan.is_object() || !plan.contains("steps")) return std::nullopt;
    Planned planned;
    planned.updates = plan["steps"].size();
    planned.blocked = plan.contains("blocked") ? plan["blocked"].size() : 0;
    return planned;
}

std::string sites_json_begin() {
    return "{\"schema\":1,\"sites\":[\n";
}

std::string site_json(const SiteResult& site, bool first) {
    Json json = {{"name", site.name}, {"root", site.root}, {"site", site.site}, {"result", name_of(site)}};
    json["exit_code"] = site.ending == Ending::Ended ? Json(static_cast<int>(site.code)) : Json();
    json["crash"] = site.crash.empty() ? Json() : Json(site.crash);
    json["elapsed_ms"] = site.elapsed.count();
    json["error"] = site.error;
    json["hint"] = site.hint;
    add_document(json, site.document);
    return (first ? "" : ",\n") + compact(json);
}

std::string sites_json_end(const std::vector<SiteResult>& sites) {
    Json results = Json::object();
    for (const SiteResult* site : by_rank(sites)) {
        const std::string name = name_of(*site);
        results[name] = results.value(name, 0) + 1;
    }
    const Json end = {
        {"count", sites.size()}, {"results", results}, {"exit_code", static_cast<int>(worst(sites))}};
    // The rest of the one object whose beginning is written already.
    return "\n]," + compact(end).substr(1) + "\n";
}

}  // namespace bdupdate::report
