#include "definer_filter.h"

#include <array>

namespace bdupdate::backup {

namespace {

/// How the dump programs begin a line with such a clause: view, trigger, routine, trigger of older ones.
constexpr std::array<std::string_view, 4> definer_beginnings = {
    "/*!50013 DEFINER=`", "/*!50003 CREATE*/ /*!50017 DEFINER=`", "CREATE DEFINER=`",
    "/*!50003 CREATE DEFINER=`"};

/// A clause's line is short; whatever is longer is something else.
constexpr std::size_t longest = 1 << 20;

bool may_begin(std::string_view line) {
    for (const std::string_view beginning : definer_beginnings)
        if (beginning.substr(0, line.size()) == line.substr(0, beginning.size())) return true;
    return false;
}

/// Past `name` (backquotes doubled inside), from its opening backquote.
std::size_t skip_name(const std::string& line, std::size_t at) {
    if (at >= line.size() || line[at] != '`') return std::string::npos;
    for (++at; at < line.size(); ++at) {
        if (line[at] != '`') continue;
        if (at + 1 < line.size() && line[at + 1] == '`')
            ++at;
        else
            return at + 1;
    }
    return std::string::npos;
}

}  // namespace

std::string without_definer(const std::string& line) {
    for (const std::string_view beginning : definer_beginnings) {
        if (line.rfind(beginning, 0) != 0) continue;
        const std::size_t clause = beginning.rfind("DEFINER=");
        std::size_t end = skip_name(line, beginning.size() - 1);
        if (end == std::string::npos || end >= line.size() || line[end] != '@') return line;
        end = skip_name(line, end + 1);
        if (end == std::string::npos) return line;
        if (end < line.size() && line[end] == ' ') ++end;
        return line.substr(0, clause) + line.substr(end);
    }
    return line;
}

Result<void> DefinerFilter::flush_line() {
    const std::string line = without_definer(line_);
    line_.clear();
    collecting_ = false;
    return sink_(line);
}

Result<void> DefinerFilter::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        if (at_start_) {
            at_start_ = false;
            collecting_ = bytes.front() == '/' || bytes.front() == 'C';
        }
        const std::size_t end = bytes.find('\n');
        const std::string_view part = bytes.substr(0, end == std::string_view::npos ? end : end + 1);
        bytes.remove_prefix(part.size());
        if (collecting_) {
            line_ += part;
            if (end != std::string_view::npos || !may_begin(line_) || line_.size() > longest)
                BDUPDATE_TRY(flush_line());
        } else {
            BDUPDATE_TRY(sink_(part));
        }
        at_start_ = end != std::string_view::npos;
    }
    return {};
}

Result<void> DefinerFilter::finish() {
    return line_.empty() ? Result<void>() : flush_line();
}

}  // namespace bdupdate::backup
