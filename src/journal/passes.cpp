// Passes and config images.

#include "bdupdate/base/clock.h"
#include "connection.h"
#include "details.h"
#include "unsynced.h"

namespace bdupdate::journal {

Result<void> Journal::add_pass(const std::string& run, const Pass& pass) {
    sqlite3* handle = connection_->handle.get();
    const Unsynced unsynced(handle);  // it decides about nothing, and there is one a pass
    BDUPDATE_ASSIGN(Transaction transaction, Transaction::begin(handle));
    BDUPDATE_TRY(
        Statement(
            handle,
            "INSERT INTO pass (run, seq, plan, step, function, committed, split, started_ms, elapsed_ms, "
            "finished, result, error, config_files) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
            .bind(run)
            .bind(pass.seq)
            .bind(pass.plan)
            .bind(pass.step)
            .bind(pass.function)
            .bind(std::int64_t{pass.committed})
            .bind(std::int64_t{pass.split})
            .bind(pass.started_ms)
            .bind(pass.elapsed_ms)
            .bind_real(pass.finished)
            .bind(pass.result)
            .bind(pass.error)
            .bind(static_cast<std::int64_t>(pass.config_files))
            .run());
    const std::int64_t id = sqlite3_last_insert_rowid(handle);
    std::int64_t position = 0;
    for (const auto& [kind, text] : pass.messages)
        BDUPDATE_TRY(Statement(handle, "INSERT INTO message VALUES (?, ?, ?, ?)")
                         .bind(id)
                         .bind(position++)
                         .bind(kind)
                         .bind(text)
                         .run());
    BDUPDATE_TRY(add_details(handle, id, pass));
    return transaction.commit();
}

Result<std::vector<Pass>> Journal::passes(const std::string& run) {
    sqlite3* handle = connection_->handle.get();
    Statement row(
        handle,
        "SELECT id, seq, plan, step, function, committed, split, started_ms, elapsed_ms, finished, result, "
        "error, config_files FROM pass WHERE run = ? ORDER BY id");
    row.bind(run);
    std::vector<Pass> passes;
    for (;;) {
        BDUPDATE_ASSIGN(const bool more, row.row());
        if (!more) return passes;
        Pass pass;
        pass.seq = row.number(1);
        pass.plan = row.number(2);
        pass.step = row.number(3);
        pass.function = row.text(4);
        pass.committed = row.number(5) != 0;
        pass.split = row.number(6) != 0;
        pass.started_ms = row.number(7);
        pass.elapsed_ms = row.number(8);
        pass.finished = row.real(9);
        pass.result = row.text(10);
        pass.error = row.text(11);
        pass.config_files = static_cast<std::size_t>(row.number(12));
        Statement message(handle, "SELECT kind, text FROM message WHERE pass = ? ORDER BY position");
        message.bind(row.number(0));
        for (;;) {
            BDUPDATE_ASSIGN(const bool another, message.row());
            if (!another) break;
            pass.messages.emplace_back(message.text(0), message.text(1));
        }
        if (connection_->has_details) BDUPDATE_TRY(read_details(handle, row.number(0), pass));
        passes.push_back(std::move(pass));
    }
}

namespace {

Result<void> insert_files(sqlite3* handle, const std::string& run, std::int64_t seq,
                          const std::vector<config::File>& files) {
    for (const config::File& file : files)
        BDUPDATE_TRY(Statement(handle, "INSERT INTO image_file VALUES (?, ?, ?, ?, ?, ?, ?)")
                         .bind(run)
                         .bind(seq)
                         .bind(file.path)
                         .bind_optional(file.content)
                         .bind(std::int64_t{file.mode})
                         .bind(std::int64_t{file.uid})
                         .bind(std::int64_t{file.gid})
                         .run());
    return {};
}

/// Of every path the newest row up to k, in two halves: config files, and what stands around them.
std::string newest_rows(const char* half) {
    return std::string(
               "SELECT path, content, mode, uid, gid FROM image_file f WHERE run = ?1 AND seq = "
               "(SELECT max(seq) FROM image_file g WHERE g.run = ?1 AND g.path = f.path AND g.seq <= ?2) "
               "AND ") +
           half + " ORDER BY path";
}

Result<std::vector<config::File>> read_files(Statement& row) {
    std::vector<config::File> files;
    for (;;) {
        BDUPDATE_ASSIGN(const bool more, row.row());
        if (!more) return files;
        files.push_back({row.text(0), row.optional_text(1), static_cast<mode_t>(row.number(2)),
                         static_cast<uid_t>(row.number(3)), static_cast<gid_t>(row.number(4))});
    }
}

}  // namespace

Result<void> Journal::put_image(const std::string& run, std::int64_t seq,
                                const std::vector<config::File>& files) {
    sqlite3* handle = connection_->handle.get();
    BDUPDATE_ASSIGN(Transaction transaction, Transaction::begin(handle));
    BDUPDATE_TRY(Statement(handle, "DELETE FROM image_file WHERE run = ? AND seq = ? AND path NOT LIKE '/%'")
                     .bind(run)
                     .bind(seq)
                     .run());
    BDUPDATE_TRY(Statement(handle, "INSERT OR REPLACE INTO image VALUES (?, ?)").bind(run).bind(seq).run());
    BDUPDATE_TRY(insert_files(handle, run, seq, files));
    return transaction.commit();
}

Result<void> Journal::put_surroundings(const std::string& run, std::int64_t seq,
                                       const std::vector<config::File>& files) {
    sqlite3* handle = connection_->handle.get();
    BDUPDATE_ASSIGN(Transaction transaction, Transaction::begin(handle));
    BDUPDATE_TRY(Statement(handle, "DELETE FROM image_file WHERE run = ? AND seq = ? AND path LIKE '/%'")
                     .bind(run)
                     .bind(seq)
                     .run());
    BDUPDATE_TRY(insert_files(handle, run, seq, files));
    return transaction.commit();
}

Result<std::vector<config::File>> Journal::surroundings(const std::string& run, std::int64_t k) {
    Statement row(connection_->handle.get(), newest_rows("path LIKE '/%'").c_str());
    row.bind(run).bind(k);
    return read_files(row);
}

Result<std::vector<config::File>> Journal::image(const std::string& run, std::int64_t k) {
    BDUPDATE_ASSIGN(const bool known, has_image(run, 0));
    if (!known)
        return fail(ExitCode::NeedsHands, "the journal has no config image of run " + run,
                    "restore the config directory from the run's backup");
    // A row without content means that the file was deleted.
    Statement row(connection_->handle.get(),
                  newest_rows("path NOT LIKE '/%' AND content IS NOT NULL").c_str());
    row.bind(run).bind(k);
    return read_files(row);
}

Result<bool> Journal::has_image(const std::string& run, std::int64_t seq) {
    Statement row(connection_->handle.get(), "SELECT 1 FROM image WHERE run = ? AND seq = ?");
    return row.bind(run).bind(seq).row();
}

Result<void> Journal::drop_images_above(const std::string& run, std::int64_t k) {
    sqlite3* handle = connection_->handle.get();
    BDUPDATE_ASSIGN(Transaction transaction, Transaction::begin(handle));
    for (const char* sql :
         {"DELETE FROM image WHERE run = ? AND seq > ?", "DELETE FROM image_file WHERE run = ? AND seq > ?"})
        BDUPDATE_TRY(Statement(handle, sql).bind(run).bind(k).run());
    return transaction.commit();
}

}  // namespace bdupdate::journal
