#include "bdupdate/run/doctor.h"

#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/text.h"
#include "bdupdate/config/places.h"
#include "doctor_php.h"

namespace bdupdate::run {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t day_ms = 24LL * 3600 * 1000;

/// Kinds of file system that are gone after a restart, or with their container (statfs(2), f_type).
struct FileSystem {
    long magic;
    const char* name;
};
constexpr std::array<FileSystem, 3> ephemeral = {
    {{0x01021994, "tmpfs"}, {0x858458f6L, "ramfs"}, {0x794c7630, "overlay"}}};

class Doctor {
  public:
    Doctor(const Survey& survey, const Options& options, const Practice& practice)
        : survey_(survey), options_(options), practice_(practice), site_(survey.site) {}

    std::vector<Diagnosis> run() {
        plan();
        settings();
        state_directory();
        backups();
        maintenance();
        php();
        boot();
        return std::move(found_);
    }

  private:
    void add(const char* about, Health health, std::string message, std::string hint = {}) {
        found_.push_back({about, health, {ExitCode::Preflight, std::move(message), std::move(hint), {}}});
    }
    void add_error(const char* about, const Error& error) { found_.push_back({about, Health::Error, error}); }

    /// What a run would find, all of it.
    void plan() {
        const std::size_t before = found_.size();
        auto need = assess(survey_, options_);
        if (!need) {
            open_ = need.error().code == ExitCode::Interrupted || need.error().code == ExitCode::Held;
            return add_error("plan", need.error());
        }
        need_ = std::move(*need);
        for (const Finding& finding : need_->findings)
            found_.push_back({"preflight", finding.refuses ? Health::Error : Health::Warning, finding.error});
        for (const std::string& warning : need_->view.warnings) add("code", Health::Warning, warning);
        for (const std::string& warning : need_->view.plan.warnings) add("plan", Health::Warning, warning);
        for (const plan::Blocked& blocked : need_->view.plan.blocked)
            if (!blocked.acknowledged)
                add("plan", Health::Warning,
                    (blocked.function.empty() ? blocked.module : blocked.function) +
                        " is blocked: " + blocked.why);
        for (const plan::ModuleNote& note : need_->view.plan.modules)
            if (note.problem == plan::ModuleProblem::Missing && note.enabled && !note.acknowledged)
                add("plan", Health::Warning, note.text);
        if (found_.size() == before) add("preflight", Health::Ok, "nothing stands against a run");
        const std::size_t steps = need_->view.plan.steps.size();
        add("plan", Health::Ok, steps == 0 ? "nothing pending" : counted(steps, "update") + " pending");
    }

    void settings() {
        const std::string file = site_.settings_file.string();
        bool fine = true;
        const auto complain = [&](const std::string& message, const std::string& hint) {
            fine = false;
            add("settings", Health::Warning, message, hint);
        };
        if (site_.update_free_access)
            complain("update_free_access is on in " + file + ": anybody can run updates in the browser",
                     "set it to FALSE");
        if (site_.restore_free_access)
            complain("restore_free_access is on in " + file + ": anybody can restore a backup in the browser",
                     "set it to FALSE");
        struct stat info {};
        if (::stat(file.c_str(), &info) == 0 && (info.st_mode & S_IWOTH) != 0)
            complain(file + " is writable for everybody on this machine", "chmod o-w " + file);
        if (!site_.active_config.empty() && ::stat(site_.active_config.c_str(), &info) == 0 &&
            (info.st_mode & S_IWOTH) != 0)
            complain("the config directory " + site_.active_config.string() +
                         " is writable for everybody on this machine",
                     "chmod o-w " + site_.active_config.string());
        if (site_.asked_php)
            complain(file + " cannot be read without PHP: " + join(site_.notes, "; "),
                     "it works, but every command takes longer, and `maintenance` needs PHP");
        if (fine) add("settings", Health::Ok, file + " is as it should be");
    }

    void state_directory() {
        const fs::path& directory = survey_.paths.state_dir;
        const fs::path there = config::nearest_existing(directory);
        struct statfs system {};
        struct stat info {};
        bool fine = true;
        if (::statfs(there.c_str(), &system) == 0)
            for (const FileSystem& one : ephemeral)
                if (static_cast<long>(system.f_type) == one.magic) {
                    fine = false;
                    add("state", Health::Warning,
                        "the state directory " + directory.string() + " lies on " + one.name +
                            ": journal and backups are lost with the container, or at the next restart",
                        "put it on a volume, with --state-dir or BDUPDATE_STATE_DIR");
                }
        if (there == directory && ::stat(directory.c_str(), &info) == 0 && (info.st_mode & 077) != 0) {
            fine = false;
            add("state", Health::Warning,
                "the state directory " + directory.string() + " is open to others: backups hold passwords",
                "chmod 700 " + directory.string());
        }
        if (fine) add("state", Health::Ok, "state directory " + directory.string());
    }

    void backups() {
        const auto list = backup::list(options_.backup_dir.value_or(survey_.paths.backups()));
        if (!list) return add_error("backups", list.error());
        std::int64_t newest = 0;
        for (const backup::Backup& one : *list) {
            if (one.complete)
                newest = std::max(newest, one.created_ms);
            else
                add("backups", Health::Warning, "backup " + one.id + " is broken or was never finished",
                    "rm -r " + one.directory.string());
        }
        const std::int64_t days = (wall_milliseconds() - newest) / day_ms;
        const std::string age = days < 1 ? "less than a day" : counted(static_cast<std::size_t>(days), "day");
        if (newest == 0)
            add("backups", practice_.backup_days > 0 ? Health::Warning : Health::Ok, "there is no backup yet",
                practice_.backup_days > 0 ? "bdupdate backup create" : "");
        else if (practice_.backup_days > 0 && days > practice_.backup_days)
            add("backups", Health::Warning, "the newest backup is " + age + " old",
                "bdupdate backup create; --backup-days N says how old it may be");
        else
            add("backups", Health::Ok, "the newest backup is " + age + " old");
    }

    void maintenance() {
        const auto now = survey_.database.maintenance();
        if (!now) return add_error("maintenance", now.error());
        if (now->on() && !open_)
            add("maintenance", Health::Warning, "maintenance mode is on, and no run is open",
                "bdupdate maintenance off");
        else if (!now->on())
            add("maintenance", Health::Ok, "maintenance mode is off");
    }

    void php() {
        if (!practice_.php_is_here || !need_) return;
        for (Diagnosis& one : compare_with_web_server(practice_.php, practice_.php_etc, need_->php_version))
            found_.push_back(std::move(one));
    }

    void boot() {
        // What is there is half of a run's, or Drupal 7's; both do not boot as they should.
        if (!practice_.look || open_ || (need_ && need_->view.drupal7)) return;
        const auto report = practice_.look();
        if (!report) return add_error("boot", report.error());
        for (const worker::Requirement& requirement : report->boot.requirements) {
            const bool error = requirement.severity == worker::Requirement::Severity::Error;
            add("requirements", error ? Health::Error : Health::Warning,
                requirement.title + (requirement.value.empty() ? "" : ": " + requirement.value) +
                    (requirement.description.empty() ? "" : " (" + requirement.description + ")"),
                error ? "mend it, or run with --ignore-requirement " + requirement.name : "");
        }
        for (const auto& [module, why] : report->schema.errors)
            add("schema", Health::Warning, module + "_schema() fails: " + why);
        add("boot", Health::Ok, "the site boots for updates, with PHP " + report->shake.php_version);
    }

    const Survey& survey_;
    const Options& options_;
    const Practice& practice_;
    const site::Site& site_;
    std::vector<Diagnosis> found_;
    std::optional<Need> need_;
    bool open_ = false;  ///< a run is at work, or did not end
};

}  // namespace

std::vector<Diagnosis> diagnose(const Survey& survey, const Options& options, const Practice& practice) {
    return Doctor(survey, options, practice).run();
}

}  // namespace bdupdate::run
