#include "bdupdate/db/database.h"

#include <array>

#include "site_database.h"

namespace bdupdate::db {

namespace {

struct StateName {
    MarkState state;
    std::string_view name;
};

constexpr std::array<StateName, 5> state_names = {{{MarkState::Preparing, "preparing"},
                                                   {MarkState::Open, "open"},
                                                   {MarkState::Done, "done"},
                                                   {MarkState::Restoring, "restoring"},
                                                   {MarkState::Finishing, "finishing"}}};

tl::unexpected<Error> not_here(const char* verb) {
    return fail(ExitCode::Preflight, std::string("this kind of database cannot ") + verb);
}

}  // namespace

std::string_view to_string(MarkState state) {
    for (const StateName& entry : state_names)
        if (entry.state == state) return entry.name;
    return "";
}

std::optional<MarkState> mark_state_from(std::string_view text) {
    for (const StateName& entry : state_names)
        if (entry.name == text) return entry.state;
    return std::nullopt;
}

std::string standing(const Mark& mark) {
    switch (mark.state) {
        case MarkState::Preparing:
            return "stands before its first update";
        case MarkState::Open:
            return "stands inside of pass " + std::to_string(mark.seq);
        case MarkState::Done:
            return mark.seq == 0 ? "stands before its first update"
                                 : "stands after pass " + std::to_string(mark.seq);
        case MarkState::Restoring:
            return "was putting its backup back";
        case MarkState::Finishing:
            return "is done but for tidying up";
    }
    return "";
}

bool Database::Maintenance::on() const {
    // PHP's rules for (bool) unserialize($value); what cannot be unserialized reads as FALSE.
    if (!value || value->size() < 2) return false;
    static constexpr std::array<std::string_view, 8> falsy = {"b:0;",  "N;",        "i:0;",       "d:0;",
                                                              "d:-0;", "s:0:\"\";", "s:1:\"0\";", "a:0:{}"};
    for (const std::string_view text : falsy)
        if (*value == text) return false;
    return std::string_view("bidsaOCE").find(value->front()) != std::string_view::npos && (*value)[1] == ':';
}

Result<void> Database::together(const std::function<Result<void>()>& verbs) {
    return verbs();
}
Result<std::optional<std::string>> Database::state(const std::string&) {
    return std::optional<std::string>();  // nothing there keeps states
}
Result<std::optional<std::string>> Database::variable(const std::string&) {
    return std::optional<std::string>();
}
Result<Database::LockOutcome> Database::look_at_lock() {
    return LockOutcome{};
}
Result<std::vector<std::string>> Database::other_prefixes() {
    return not_here("list other sites");
}
Result<std::vector<std::string>> Database::cache_tables() {
    return not_here("list cache tables");
}
Result<Database::StoredCode> Database::stored_code() {
    return not_here("list triggers and routines");
}
Result<std::vector<std::string>> Database::missing_privileges() {
    return std::vector<std::string>();  // nothing there has privileges
}
Result<Database::Capacity> Database::capacity() {
    return Capacity{};
}
Result<std::uint64_t> Database::data_bytes() {
    BDUPDATE_ASSIGN(const Capacity known, capacity());
    return known.data_bytes;
}
Result<bool> Database::may_set_definer() {
    return true;  // nothing there has a definer
}
Result<std::vector<std::string>> Database::changed_tables(std::chrono::seconds) {
    return std::vector<std::string>();
}
Result<std::uint64_t> Database::count_rows(const std::string& table) {
    return not_here(("count the rows of " + table).c_str());
}
Result<void> Database::drop_tables(const std::vector<std::string>&) {
    return not_here("drop tables");
}
Result<std::vector<std::string>> Database::foreign_names(const std::vector<std::string>&) {
    return not_here("tell whose a table is");
}
Result<bool> Database::pass_lock(const std::string&, std::chrono::seconds) {
    return false;
}
Result<std::string> Database::create_scratch() {
    return not_here("create a database");
}
Result<void> Database::drop_scratch(const std::string&) {
    return not_here("drop a database");
}
Result<void> Database::replace_with(const std::filesystem::path&, const Mark&) {
    return not_here("be replaced by a file");
}
Result<bool> Database::write_log(const LogEntry&) {
    return false;  // no log there
}
Result<std::vector<std::string>> Database::empty_tables(const std::vector<std::string>&) {
    return not_here("tell which tables are empty");
}
Result<schema::Tables> Database::shapes() {
    return not_here("tell how its tables are made");
}
Result<schema::Tables> Database::shapes_of(const std::vector<std::string>&) {
    return not_here("tell how single tables are made");
}
Result<std::optional<std::int64_t>> Database::schema_cookie() {
    return std::optional<std::int64_t>();
}
Result<void> Database::create_schema_table() {
    return not_here("create the table of last-run numbers");
}

Result<std::unique_ptr<Database>> open_database(const site::DatabaseSettings& settings, site::Kind kind,
                                                const OpenOptions& options) {
    if (settings.driver == site::Driver::Sqlite) return open_sqlite(settings, kind, options);
    return open_mysql(settings, kind, options);
}

}  // namespace bdupdate::db
