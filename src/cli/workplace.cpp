#include "workplace.h"

#include <sys/stat.h>
#include <unistd.h>

#include "bdupdate/base/file.h"
#include "bdupdate/base/identity.h"
#include "bdupdate/base/text.h"
#include "bdupdate/config/places.h"
#include "bdupdate/db/heartbeat.h"
#include "bdupdate/worker/ask.h"

namespace bdupdate::cli {

namespace fs = std::filesystem;

namespace {

Result<worker::Options> worker_options(const GlobalOptions& options, Output& output) {
    worker::Options worker;
    bool ok = true;
    worker.php = split_command(options.php, ok);
    if (!ok || worker.php.empty())
        return fail(ExitCode::Usage, "--php '" + options.php + "' is no command", "quote it as for a shell");
    for (const std::string& map : options.path_map) {
        const std::size_t middle = map.find('=');
        if (middle == std::string::npos || middle == 0)
            return fail(ExitCode::Usage, "--path-map '" + map + "' is not of the form HOST=THERE");
        worker.path_map.emplace_back(map.substr(0, middle), map.substr(middle + 1));
    }
    worker.talk = [&output](std::string_view line) { output.detail(line); };
    worker.aborted = [] { return abort_wanted(); };
    return worker;
}

/// "php", "/usr/bin/php8.2": PHP itself, not a wrapper around it.
bool is_plain_php(const worker::Options& worker) {
    if (worker.php.size() != 1) return false;
    const std::string name = fs::path(worker.php.front()).filename();
    return name.rfind("php", 0) == 0 && name.find_first_not_of("0123456789.", 3) == std::string::npos;
}

/// Whom a plain php becomes that root starts: the owner of `owned`, so that no code of the site runs as root
/// where others may write it, and files that it creates are as the web server's. A wrapped --php is the
/// wrapper's business.
std::optional<RunAs> owner_of(const fs::path& owned, const worker::Options& worker) {
    struct stat status {};
    if (::geteuid() != 0 || !is_plain_php(worker)) return std::nullopt;
    if (::stat(owned.c_str(), &status) != 0 || status.st_uid == 0) return std::nullopt;
    return RunAs{status.st_uid, status.st_gid};
}

site::LocateOptions locate_options(const GlobalOptions& options, const worker::Options& worker) {
    site::LocateOptions locate;
    locate.root = options.root;
    locate.start = fs::current_path();
    locate.site = options.site;
    locate.db_host = options.db_host;
    locate.db_port = options.db_port;
    locate.db_socket = options.db_socket;
    locate.php_elsewhere = worker.php.size() != 1;
    locate.path_map = worker.path_map;
    return locate;
}

site::AskPhp ask_php(const worker::Options& worker) {
    return [worker](const fs::path& docroot, const fs::path& settings) {
        worker::Options asking = worker;
        asking.run_as = owner_of(settings, worker);
        return worker::ask_settings(asking, docroot, settings);
    };
}

Result<std::unique_ptr<db::Database>> open_for_writing(const site::Site& site, const journal::Paths& paths,
                                                       Access access) {
    db::OpenOptions open;
    open.allow_missing_schema = access == Access::Repair;
    open.read_only = false;
    open.lock_file = paths.lock().string() + ".database";
    return db::open_database(site.database, site.kind, open);
}

/// While a worker works, the session that holds the lock must not go silent.
std::function<bool()> with_heartbeat(std::function<bool()> aborted, db::Database& database) {
    return [aborted = std::move(aborted), beat = db::Heartbeat(database)]() mutable {
        beat.beat();
        return aborted();
    };
}

}  // namespace

Result<Workplace> open_workplace(const GlobalOptions& options, Access access, Output& output) {
    Workplace place;
    const std::future<void> client = db::prepare_client();
    BDUPDATE_ASSIGN(place.worker, worker_options(options, output));
    place.load = [locate = locate_options(options, place.worker), ask = ask_php(place.worker)] {
        return site::load_site(locate, ask);
    };
    BDUPDATE_ASSIGN(place.site, place.load());
    if (place.site.conf_path != "sites/default") output.name_site(place.site.conf_path);
    for (const std::string& note : place.site.notes) output.note(note);
    place.worker.run_as = owner_of(run::owned_by_site(place.site), place.worker);
    BDUPDATE_TRY(output.open_log(place.site.docroot));
    const worker::Options asking = place.worker;
    const fs::path docroot = place.site.docroot;
    place.scan.ask_php = [asking, docroot](const fs::path& file, const std::string& function) {
        return worker::ask_function(asking, docroot, file, function);
    };

    place.scan.begun = run::look_ahead(place.site);
    db::OpenOptions looking;
    looking.allow_missing_schema = access == Access::Repair || access == Access::Look;
    BDUPDATE_ASSIGN(place.database, db::open_database(place.site.database, place.site.kind, looking));
    output.detail("database: " + place.database->server().product + " " + place.database->server().version +
                  ", " + place.site.database.database);
    BDUPDATE_ASSIGN(place.paths.state_dir,
                    run::state_directory(options.state_dir, place.site, place.database->server()));
    if (access == Access::Read || access == Access::Look) return place;
    BDUPDATE_TRY(make_private_directory(place.paths.state_dir));
    BDUPDATE_ASSIGN(place.database, open_for_writing(place.site, place.paths, access));
    place.worker.aborted = with_heartbeat(place.worker.aborted, *place.database);
    return place;
}

Result<site::SitesOfDocroot> sites_of(const GlobalOptions& options, Output& output) {
    BDUPDATE_ASSIGN(const worker::Options worker, worker_options(options, output));
    return site::sites_of(locate_options(options, worker), ask_php(worker));
}

run::Context context_of(Workplace& place, journal::Journal& journal, run::Listener& listener) {
    const worker::Options options = place.worker;
    const site::Site& site = place.site;
    return {place.site,
            *place.database,
            journal,
            place.paths,
            place.scan,
            [&site, options, warm = place.warm](const std::string& run, const std::string& lock) {
                return worker::php_workers(site, run, lock, options, warm);
            },
            listener,
            host_name(),
            user_name(),
            place.worker.run_as,
            place.warm,
            [&place]() -> Result<void> {
                BDUPDATE_ASSIGN(place.site, place.load());
                return {};
            }};
}

}  // namespace bdupdate::cli
