#include "docs/comparison.h"

#include <regex>
#include <utility>
#include <vector>

#include "bdupdate/base/text.h"
#include "support/program.h"

namespace bdupdate::docs {

namespace {

constexpr std::string_view rest = "…";

const std::regex& names_in_text() {
    static const std::regex pattern(
        R"re([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}-[0-9]{2}(-[0-9]+)?|\b(?=[0-9a-f]*[0-9])[0-9a-f]{8}\b)re");
    return pattern;
}

/// A line without what varies; gaps of columns are as wide as their contents made them.
std::string comparable(std::string_view line) {
    std::string text = test::without_what_varies(std::string(line));
    static const std::vector<std::pair<std::regex, const char*>> more = {
        {std::regex(R"re(pid [0-9]+)re"), "pid PID"},
        {std::regex(R"re([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})re"), "WHEN"},
        {std::regex(R"re(\b[0-9a-f]{32}\b)re"), "RUN"},
        {std::regex(R"re((MariaDB|PHP) [0-9][^ ,]*)re"), "$1 VERSION"},
        {std::regex(R"re(\b[0-9a-f]{7}(?=[. ]))re"), "COMMIT"},
        {std::regex(R"re(-[0-9a-f]{12}\b)re"), "-HASH"},
        {std::regex(" {2,}"), "  "},
    };
    for (const auto& [pattern, words] : more) text = std::regex_replace(text, pattern, words);
    return std::string(trim(text));
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (const std::string_view line : split(text, '\n'))
        if (line != "^C") lines.emplace_back(line);
    while (!lines.empty() && lines.back().empty()) lines.pop_back();
    return lines;
}

bool fits(const std::string& shown, const std::string& said) {
    const std::string want = comparable(shown), have = comparable(said);
    if (want.size() >= rest.size() && want.compare(want.size() - rest.size(), rest.size(), rest) == 0)
        return have.rfind(trim(want.substr(0, want.size() - rest.size())), 0) == 0;
    return want == have;
}

std::vector<std::string> names_of(const std::string& line) {
    std::vector<std::string> names;
    for (std::sregex_iterator it(line.begin(), line.end(), names_in_text()), end; it != end; ++it)
        names.push_back(it->str());
    return names;
}

void learn(const std::string& shown, const std::string& said, Names& names) {
    const auto want = names_of(shown), have = names_of(said);
    for (std::size_t i = 0; want.size() == have.size() && i < want.size(); ++i)
        names.emplace(want[i], have[i]);
}

/// Pairs of lines that fit, or nothing. Where a "…" may end, the first place that works is taken.
class Match {
  public:
    Match(std::vector<std::string> shown, std::vector<std::string> said)
        : shown_(std::move(shown)), said_(std::move(said)) {}

    bool from(std::size_t i, std::size_t j) {
        if (i > best_.first || (i == best_.first && j > best_.second)) best_ = {i, j};
        if (i == shown_.size()) return j == said_.size();
        if (trim(shown_[i]) == rest) {
            for (std::size_t next = j; next <= said_.size(); ++next)
                if (from(i + 1, next)) return true;
            return false;
        }
        if (j == said_.size() || !fits(shown_[i], said_[j]) || !from(i + 1, j + 1)) return false;
        pairs_.emplace_back(i, j);
        return true;
    }

    void teach(Names& names) const {
        for (const auto& [i, j] : pairs_) learn(shown_[i], said_[j], names);
    }

    [[nodiscard]] std::string complaint() const {
        const auto line = [](const std::vector<std::string>& lines, std::size_t at) {
            return at < lines.size() ? lines[at] : std::string("(the end)");
        };
        return "shown: " + line(shown_, best_.first) + "\nsaid:  " + line(said_, best_.second) + "\n";
    }

  private:
    std::vector<std::string> shown_, said_;
    std::vector<std::pair<std::size_t, std::size_t>> pairs_;
    std::pair<std::size_t, std::size_t> best_{0, 0};
};

/// The first line from `from` on that fits, or lines.size().
std::size_t find_line(const std::vector<std::string>& lines, const std::string& shown, std::size_t from) {
    while (from < lines.size() && !fits(shown, lines[from])) ++from;
    return from;
}

}  // namespace

std::string rewritten(const std::string& shown, const std::string& output) {
    const std::vector<std::string> old = lines_of(shown);
    std::vector<std::string> lines = lines_of(output);
    for (std::size_t i = 0, from = 0; i < old.size(); ++i) {
        if (trim(old[i]) != rest) {
            const std::size_t at = find_line(lines, old[i], from);
            if (at == lines.size()) continue;
            lines[at] = old[i];
            from = at + 1;
            continue;
        }
        const bool begins = i == 0 || find_line(lines, old[i - 1], from == 0 ? 0 : from - 1) + 1 == from;
        const std::size_t until = i + 1 == old.size() ? lines.size() : find_line(lines, old[i + 1], from);
        if (!begins || (until == lines.size() && i + 1 < old.size()) || until < from) continue;
        const auto first = lines.begin() + static_cast<std::ptrdiff_t>(from);
        const auto last = lines.begin() + static_cast<std::ptrdiff_t>(until);
        lines.insert(lines.erase(first, last), std::string(rest));
        ++from;
    }
    return join(lines, "\n");
}

std::string difference(const std::string& shown, const std::string& output, Names& names) {
    Match match(lines_of(shown), lines_of(output));
    if (!match.from(0, 0)) return match.complaint();
    match.teach(names);
    return "";
}

Names reversed(const Names& names) {
    Names result;
    for (const auto& [shown, now] : names) result.emplace(now, shown);
    return result;
}

std::string with_names(std::string text, const Names& names) {
    for (const auto& [shown, now] : names)
        for (std::size_t at = 0; (at = text.find(shown, at)) != std::string::npos; at += now.size())
            text.replace(at, shown.size(), now);
    return text;
}

}  // namespace bdupdate::docs
