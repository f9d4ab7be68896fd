#include <charconv>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/identity.h"
#include "site_database.h"

// The mark's verbs: each is one committed statement or transaction, unless it is called inside together().

namespace bdupdate::db {

namespace {

constexpr const char* all_columns =
    "run, epoch, seq, plan, step, state, after_restore, sandbox, maintenance_before, schema_hash, state_dir, "
    "host, user, site_fingerprint";

std::int64_t to_int64(const std::optional<std::string>& text) {
    std::int64_t value = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), value);
    return value;
}

std::vector<Param> params_of(const Mark& mark) {
    return {Param::text(mark.run),
            Param::integer(mark.epoch),
            Param::integer(mark.seq),
            Param::integer(mark.plan),
            Param::integer(mark.step),
            Param::text(std::string(to_string(mark.state))),
            Param::text(mark.after_restore),
            Param::blob(mark.sandbox),
            Param::blob_or_null(mark.maintenance_before),
            Param::text(mark.schema_hash),
            Param::blob(mark.state_dir),
            Param::text(mark.host),
            Param::text(mark.user),
            Param::text(mark.site_fingerprint)};
}

Result<Mark> mark_of(const Row& row, const std::string& table) {
    const auto state = mark_state_from(row[5].value_or(""));
    if (!state)
        return fail(ExitCode::Interrupted,
                    "table " + table + " holds a state that is not known: " + row[5].value_or(""),
                    "it may come from a newer bdupdate");
    Mark mark;
    mark.run = row[0].value_or("");
    mark.epoch = to_int64(row[1]);
    mark.seq = to_int64(row[2]);
    mark.plan = to_int64(row[3]);
    mark.step = to_int64(row[4]);
    mark.state = *state;
    mark.after_restore = row[6].value_or("");
    mark.sandbox = row[7].value_or("");
    mark.maintenance_before = row[8];
    mark.schema_hash = row[9].value_or("");
    mark.state_dir = row[10].value_or("");
    mark.host = row[11].value_or("");
    mark.user = row[12].value_or("");
    mark.site_fingerprint = row[13].value_or("");
    return mark;
}

std::string position_text(const Mark& mark) {
    return "run " + mark.run + ", epoch " + std::to_string(mark.epoch) + ", pass " +
           std::to_string(mark.seq) + " " + std::string(to_string(mark.state));
}

}  // namespace

Result<bool> SiteDatabase::has_mark_table() {
    return connection_.has_table(mark_table());
}

Result<std::optional<Mark>> SiteDatabase::read_mark() {
    auto rows =
        connection_.query(std::string("SELECT ") + all_columns + " FROM " + connection_.quoted(mark_table()));
    if (!rows && connection_.problem() == Problem::MissingTable) return std::optional<Mark>();
    if (!rows) return fail(std::move(rows).error());
    if (rows->empty()) return std::optional<Mark>();
    BDUPDATE_ASSIGN(Mark mark, mark_of(rows->front(), mark_table()));
    return std::optional<Mark>(std::move(mark));
}

Result<void> SiteDatabase::create_mark(const Mark& mark) {
    BDUPDATE_TRY(writable("table " + mark_table()));
    return connection_.transaction([&]() -> Result<void> {
        BDUPDATE_TRY(connection_.change_schema(mark_definition()));
        return insert_mark(mark);
    });
}

Result<void> SiteDatabase::insert_mark(const Mark& mark) {
    // Whoever writes a mark, or raises its epoch, holds the lock: other hosts read here who that is.
    std::vector<Param> params = params_of(mark);
    params.push_back(Param::text(holder_text(wall_milliseconds())));
    auto added =
        connection_.execute("INSERT INTO " + connection_.quoted(mark_table()) + " (id, " + all_columns +
                                ", holder) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            params);
    if (added) return {};
    if (connection_.problem() != Problem::DuplicateKey) return fail(std::move(added).error());
    BDUPDATE_ASSIGN(const std::optional<Mark> other, read_mark());
    return fail(
        ExitCode::Interrupted,
        "table " + mark_table() + " already holds a mark" + (other ? ": " + position_text(*other) : ""),
        "`bdupdate recover` finishes or undoes what was interrupted");
}

std::string SiteDatabase::marked_holder() {
    const auto rows = connection_.query("SELECT holder FROM " + connection_.quoted(mark_table()));
    return rows && !rows->empty() ? rows->front()[0].value_or("") : std::string();
}

Result<void> SiteDatabase::replace_mark(const Mark& expected, const Mark& wanted) {
    BDUPDATE_TRY(writable("table " + mark_table()));
    std::vector<Param> params = params_of(wanted);
    params.push_back(Param::text(expected.run));
    params.push_back(Param::integer(expected.epoch));
    params.push_back(Param::integer(expected.seq));
    params.push_back(Param::text(std::string(to_string(expected.state))));
    BDUPDATE_ASSIGN(
        const std::uint64_t found,
        connection_.execute(
            "UPDATE " + connection_.quoted(mark_table()) +
                " SET run = ?, epoch = ?, seq = ?, plan = ?, step = ?, state = ?, after_restore = ?, "
                "sandbox = ?, maintenance_before = ?, schema_hash = ?, state_dir = ?, host = ?, user = ?, "
                "site_fingerprint = ? WHERE run = ? AND epoch = ? AND seq = ? AND state = ?",
            params));
    if (found == 1) return {};
    BDUPDATE_ASSIGN(const std::optional<Mark> now, read_mark());
    return fail(ExitCode::Interrupted,
                "the mark in table " + mark_table() + " is not where this run left it (" +
                    position_text(expected) + "): it reads " +
                    (now ? position_text(*now) : std::string("nothing")),
                "another bdupdate has taken over; `bdupdate status` shows what is open");
}

Result<Mark> SiteDatabase::raise_epoch() {
    BDUPDATE_TRY(writable("table " + mark_table()));
    const std::string mark_name = connection_.quoted(mark_table());
    return connection_.transaction([&]() -> Result<Mark> {
        BDUPDATE_ASSIGN(const std::vector<Row> rows,
                        connection_.query(std::string("SELECT ") + all_columns + " FROM " + mark_name +
                                          connection_.for_update()));
        if (rows.empty()) return fail(ExitCode::Interrupted, "table " + mark_table() + " holds no mark");
        BDUPDATE_ASSIGN(Mark mark, mark_of(rows.front(), mark_table()));
        mark.epoch += 1;
        if (auto raised = connection_.execute(
                "UPDATE " + mark_name + " SET epoch = ?, holder = ?",
                {Param::integer(mark.epoch), Param::text(holder_text(wall_milliseconds()))});
            !raised)
            return fail(std::move(raised).error());
        return mark;
    });
}

Result<void> SiteDatabase::drop_mark() {
    BDUPDATE_TRY(writable("table " + mark_table()));
    return connection_.change_schema("DROP TABLE IF EXISTS " + connection_.quoted(mark_table()));
}

Result<void> SiteDatabase::together(const std::function<Result<void>()>& verbs) {
    return connection_.transaction(verbs);
}

}  // namespace bdupdate::db
