#include "bdupdate/run/preflight.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "bdupdate/backup/backup.h"
#include "bdupdate/base/clock.h"
#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"
#include "bdupdate/config/config_directory.h"
#include "bdupdate/config/places.h"
#include "drupal7.h"

namespace bdupdate::run {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;
/// The journal's own growth: plans, passes, messages, its WAL.
constexpr std::uint64_t journal_bytes = 4 * mebibyte;
/// Files of a backup and of the journal; temporary files beside the config.
constexpr std::uint64_t state_inodes = 32, config_inodes = 16;
/// Rows shrink to about this part of their tables in a compressed dump. Below that a backup surely fails.
constexpr std::uint64_t dump_part = 4;
/// What core and its modules send in one statement without thinking of it: a large cache entry, a view.
constexpr std::uint64_t smallest_packet = mebibyte;
/// Two clocks of one machine room; a difference below is none.
constexpr std::int64_t clock_slack_ms = 5 * 60 * 1000;
constexpr std::size_t most_tables_named = 5;

Finding refused(std::string message, std::string hint) {
    return {true, {ExitCode::Preflight, std::move(message), std::move(hint), {}}};
}
Finding warned(std::string message, std::string hint) {
    return {false, {ExitCode::Preflight, std::move(message), std::move(hint), {}}};
}

std::string names_text(const std::vector<std::string>& names) {
    std::vector<std::string> first(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                                      names.size(), most_tables_named)));
    if (names.size() > first.size())
        first.push_back("and " + std::to_string(names.size() - first.size()) + " more");
    return join(first, ", ");
}

class Preflight {
  public:
    explicit Preflight(const Ground& ground) : ground_(ground), site_(ground.site) {}

    std::vector<Finding> run() {
        config();
        if (auto staging = check_staging(site_, ground_.database)) add(std::move(*staging));
        owners();
        database();
        other_sites();
        space();
        clock();
        return std::move(findings_);
    }

  private:
    void add(Finding finding) { findings_.push_back(std::move(finding)); }
    void add_error(Error error) { findings_.push_back({true, std::move(error)}); }
    [[nodiscard]] bool has_config_directory() const {
        return !site_.config_in_database && !site_.active_config.empty();
    }

    void config() {
        if (!has_config_directory()) return;
        std::error_code missing;
        if (const auto to_come = is_drupal7_database(site_, ground_.database);
            to_come && *to_come && !fs::exists(site_.active_config, missing))
            return coming_config();
        auto directory = config::ConfigDirectory::open(site_.active_config);
        if (!directory) return add_error(directory.error());
        if (auto json = directory->check_json(); !json) add_error(json.error());
        if (auto writable = directory->check_writable(ground_.run_as); !writable) add_error(writable.error());
        std::error_code error;
        for (auto at = fs::directory_iterator(site_.active_config, error);
             !error && at != fs::directory_iterator(); at.increment(error)) {
            std::error_code ignored;
            const auto size = at->file_size(ignored);
            if (!ignored) config_bytes_ += size;
        }
    }

    /// The upgrade from Drupal 7 makes the config directories.
    void coming_config() {
        const fs::path parent = config::nearest_existing(site_.active_config);
        auto directory = config::ConfigDirectory::open(parent);
        if (!directory) return add_error(directory.error());
        if (auto writable = directory->check_writable(ground_.run_as); !writable)
            add(refused("the config directory cannot be made: " + writable.error().message,
                        writable.error().hint));
    }

    /// Neither root nor the files' owner: what PHP creates then belongs to whom the web server may not be.
    void owners() {
        const fs::path owned = owned_by_site(site_);
        struct stat info {};
        if (::geteuid() == 0 || ::stat(owned.c_str(), &info) != 0 || info.st_uid == ::geteuid()) return;
        add(warned(owned.string() + " belongs to user " + std::to_string(info.st_uid) +
                       ", and this runs as user " + std::to_string(::geteuid()) + ": " +
                       (has_config_directory() ? "config files" : "files") +
                       " that updates create will belong to the latter",
                   "run as that user, or as root"));
    }

    void database() {
        db::Database& database = ground_.database;
        // Privileges that cannot be asked for are no reason to refuse; nor are sizes.
        if (const auto missing = database.missing_privileges(); missing && !missing->empty())
            add(refused(
                "the database account lacks " + join(*missing, ", ") + " on database " +
                    site_.database.database + ": updates and the restore of a backup need it",
                "GRANT " + join(*missing, ", ") + " ON `" + site_.database.database + "`.* TO that account"));
        if (const auto capacity = database.capacity()) {
            capacity_ = *capacity;
            packets();
        }
        engines();
    }

    void packets() {
        if (capacity_.packet_bytes == 0) return;
        const std::string packet =
            "max_allowed_packet of the database server is " + size_text(capacity_.packet_bytes);
        const std::string hint = "raise max_allowed_packet on the server (64M is a usual value)";
        // In a dump blobs stand in hexadecimal.
        if (2 * capacity_.largest_row > capacity_.packet_bytes) {
            const std::string message = packet + ", and a row of " + capacity_.largest_row_table + " has " +
                                        size_text(capacity_.largest_row) +
                                        ": its backup could not be loaded again";
            add(ground_.backup ? refused(message, hint) : warned(message, hint));
        } else if (capacity_.packet_bytes < smallest_packet) {
            add(warned(packet + ": a large cache entry, view or sandbox of an update may not fit", hint));
        }
    }

    void engines() {
        const auto tables = ground_.database.tables();
        if (!tables) return add_error(tables.error());
        std::vector<std::string> others;
        for (const auto& table : *tables)
            if (!table.is_view && !table.engine.empty() && table.engine != "InnoDB")
                others.push_back(table.name + " (" + table.engine + ")");
        if (others.empty()) return;
        add(warned(counted(others.size(), "table is", "tables are") + " not InnoDB: " + names_text(others) +
                       "; what a failed update wrote there is undone by the backup only",
                   "ALTER TABLE … ENGINE=InnoDB"));
    }

    void other_sites() {
        const auto others = ground_.database.other_prefixes();
        if (!others || others->empty() || !site_.database.prefix.empty() || !ground_.backup) return;
        if (ground_.database.server().product == "SQLite") return;  // restored as a whole, not by table
        add(refused("the site has no table prefix, and another site with prefix \"" + others->front() +
                        "\" lives in the same database: a restore could not tell their tables apart",
                    "move one of them to a database of its own, or make a backup by other means and use "
                    "--no-backup"));
    }

    void space() {
        std::vector<Demand> demands;
        const bool sqlite = site_.database.driver == site::Driver::Sqlite;
        if (ground_.backup) {
            // The copy of a SQLite file is not compressed.
            const std::uint64_t dump = sqlite ? capacity_.data_bytes : capacity_.data_bytes / dump_part;
            demands.push_back({ground_.backups, dump + config_bytes_ + mebibyte, state_inodes, "the backup"});
        }
        demands.push_back(
            {ground_.state_dir, 2 * config_bytes_ + journal_bytes, state_inodes, "the journal"});
        // SQLite's rollback journal can grow as large as the database, in a restore it does.
        if (sqlite)
            demands.push_back({fs::path(site_.database.database).parent_path(),
                               capacity_.data_bytes + mebibyte, 2, "the database's own journal"});
        if (has_config_directory())
            demands.push_back({site_.active_config, config_bytes_ + mebibyte, config_inodes, "the config"});
        for (Finding& finding : check_space(demands, free_space)) add(std::move(finding));
    }

    /// Backups are named and sorted by time, and only the newest stay.
    void clock() {
        std::int64_t newest = ground_.newest_run_ms;
        std::string what = "the newest run in the journal";
        if (const auto backups = backup::list(ground_.backups); backups && !backups->empty())
            if (backups->back().created_ms > newest) {
                newest = backups->back().created_ms;
                what = "backup " + backups->back().id;
            }
        if (newest <= ground_.now_ms + clock_slack_ms) return;
        add(warned("the clock says " + local_timestamp(ground_.now_ms) + ", and " + what + " was made at " +
                       local_timestamp(newest) +
                       ": the clock went back, and the new backup will look like an old one",
                   "set the clock; this run's own backup stays in any case"));
    }

    const Ground& ground_;
    const site::Site& site_;
    db::Database::Capacity capacity_;
    std::uint64_t config_bytes_ = 0;
    std::vector<Finding> findings_;
};

}  // namespace

fs::path owned_by_site(const site::Site& site) {
    std::error_code missing;
    if (site.kind == site::Kind::Drupal7) {
        if (site.database.driver == site::Driver::Sqlite) return site.database.database;
        const fs::path files = site.docroot / site.conf_path / "files";
        return fs::is_directory(files, missing) ? files : site.settings_file;
    }
    if (site.config_in_database || site.active_config.empty()) return site.settings_file;
    return config::nearest_existing(site.active_config);
}

std::vector<Finding> preflight(const Ground& ground) {
    return Preflight(ground).run();
}

}  // namespace bdupdate::run
