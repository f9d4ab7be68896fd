#include "dump_scanner.h"

#include <array>

namespace bdupdate::backup {

namespace {

constexpr std::string_view insert_line = "INSERT INTO `";
constexpr std::string_view table_line = "CREATE TABLE `";
constexpr std::string_view view_line = "/*!50001 VIEW `";
constexpr std::string_view end_line = "-- Dump completed";

bool may_become(std::string_view head, std::string_view line) {
    return line.substr(0, head.size()) == head;
}

bool says_nothing(std::string_view head) {
    return head.empty() || head == "--" || head == "-- ";
}

}  // namespace

void DumpScanner::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        switch (at_) {
            case At::LineStart:
                line_start(bytes);
                break;
            case At::Rest:
                skip_past(bytes, '\n', At::LineStart);
                break;
            case At::Name:
                name(bytes);
                break;
            case At::AfterBacktick:
                after_backtick(bytes);
                break;
            case At::Columns:
                columns(bytes);
                break;
            case At::ColumnName:
                skip_past(bytes, '`', At::Columns);
                break;
            case At::Values:
                values(bytes);
                break;
            case At::Text:
                text(bytes);
                break;
            case At::Escape:
                bytes.remove_prefix(1);
                at_ = At::Text;
                break;
        }
    }
}

void DumpScanner::line_start(std::string_view& bytes) {
    while (!bytes.empty()) {
        const char c = bytes.front();
        bytes.remove_prefix(1);
        if (c == '\n') {
            // A line shorter than what we know: only an empty one or a bare comment leaves the end mark
            // standing.
            if (!says_nothing(head_)) complete_ = false;
            head_.clear();
            continue;
        }
        head_ += c;
        if (head_ == insert_line || head_ == table_line || head_ == view_line) {
            kind_ = head_ == insert_line ? Kind::Insert : Kind::Create;
            complete_ = false;
            name_.clear();
            at_ = At::Name;
        } else if (head_ == end_line) {
            complete_ = true;
            at_ = At::Rest;
        } else if (!may_become(head_, insert_line) && !may_become(head_, table_line) &&
                   !may_become(head_, view_line) && !may_become(head_, end_line)) {
            complete_ = false;
            at_ = At::Rest;
        } else {
            continue;
        }
        head_.clear();
        return;
    }
}

void DumpScanner::skip_past(std::string_view& bytes, char end, At next) {
    const std::size_t found = bytes.find(end);
    if (found == std::string_view::npos) {
        bytes = {};
        return;
    }
    bytes.remove_prefix(found + 1);
    at_ = next;
}

void DumpScanner::name(std::string_view& bytes) {
    const std::size_t found = bytes.find('`');
    name_ += bytes.substr(0, found);
    bytes.remove_prefix(found == std::string_view::npos ? bytes.size() : found + 1);
    if (found != std::string_view::npos) at_ = At::AfterBacktick;
}

void DumpScanner::after_backtick(std::string_view& bytes) {
    if (bytes.front() == '`') {  // doubled: part of the name
        name_ += '`';
        bytes.remove_prefix(1);
        at_ = At::Name;
    } else if (kind_ == Kind::Create) {
        created_.insert(name_);
        at_ = At::Rest;
    } else {
        count_ = &rows_[name_];
        at_ = At::Columns;
    }
}

void DumpScanner::columns(std::string_view& bytes) {
    // " VALUES", or " (`a`, `b`) VALUES" where a table has generated columns: outside names only VALUES has a
    // V.
    while (!bytes.empty()) {
        const char c = bytes.front();
        bytes.remove_prefix(1);
        if (c == '`') {
            at_ = At::ColumnName;
            return;
        }
        if (c == 'V') {
            depth_ = 0;
            at_ = At::Values;
            return;
        }
    }
}

void DumpScanner::values(std::string_view& bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        switch (bytes[i]) {
            case '(':
                if (depth_++ == 0) ++*count_;
                break;
            case ')':
                --depth_;
                break;
            case '\'':
                bytes.remove_prefix(i + 1);
                at_ = At::Text;
                return;
            case ';':
                if (depth_ != 0) break;
                bytes.remove_prefix(i + 1);
                at_ = At::Rest;
                return;
            default:
                break;
        }
    }
    bytes = {};
}

void DumpScanner::text(std::string_view& bytes) {
    static constexpr auto stops = [] {
        std::array<bool, 256> table{};
        table['\''] = true;
        table['\\'] = true;
        return table;
    }();
    std::size_t i = 0;
    while (i < bytes.size() && !stops[static_cast<unsigned char>(bytes[i])]) ++i;
    if (i == bytes.size()) {
        bytes = {};
        return;
    }
    // A doubled quote ends the text and begins it again at once: the same to us.
    at_ = bytes[i] == '\'' ? At::Values : At::Escape;
    bytes.remove_prefix(i + 1);
}

}  // namespace bdupdate::backup
