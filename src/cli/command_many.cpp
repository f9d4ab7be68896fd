#include <unistd.h>

#include <algorithm>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/text.h"
#include "bdupdate/report/sites.h"
#include "commands.h"
#include "description.h"
#include "fleet.h"
#include "sites.h"
#include "workplace.h"

namespace bdupdate::cli {

namespace fs = std::filesystem;
using report::SiteResult;

namespace {

/// One site's own bdupdate: what it is told, all but the place through its environment.
struct Job {
    SiteChoice choice;
    std::vector<std::string> argv;
    std::map<std::string, std::string> environment;
};

/// This program, also when its file was replaced meanwhile.
std::string own_path() {
    std::error_code error;
    const fs::path link = "/proc/self/exe";
    const fs::path path = fs::read_symlink(link, error);
    return !error && fs::exists(path, error) ? path.string() : link.string();
}

std::string file_safe(std::string name) {
    for (char& c : name)
        if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '-' && c != '_') c = '-';
    return name;
}

/// A file or directory that was named once for all sites: each gets one of its own.
void keep_apart(Job& job, const CommandLine& line) {
    const auto shared = [&](const std::string& variable) -> std::string* {
        const auto found = job.environment.find(variable);
        const bool own = std::count(line.of_section.begin(), line.of_section.end(), variable) > 0;
        return found == job.environment.end() || own ? nullptr : &found->second;
    };
    const std::string name = file_safe(job.choice.name);
    if (std::string* directory = shared("BDUPDATE_BACKUP_DIR"))
        *directory = (fs::path(*directory) / name).string();
    for (const char* variable : {"BDUPDATE_RUN_REPORT", "BDUPDATE_REPORT_OUTPUT"})
        if (std::string* file = shared(variable)) {
            const fs::path path = *file;
            *file = path.parent_path() / (path.stem().string() + "-" + name + path.extension().string());
        }
}

Result<std::vector<Job>> jobs_of(int argc, char** argv, const std::vector<SiteChoice>& sites, bool color) {
    std::vector<Job> jobs;
    for (const SiteChoice& choice : sites) {
        BDUPDATE_ASSIGN(const CommandLine line, parse_for_site(argc, argv, choice));
        Job job{choice, {own_path(), "--root", choice.root.string()}, line.settings};
        if (!choice.site.empty()) job.argv.insert(job.argv.end(), {"--site", choice.site});
        job.argv.insert(job.argv.end(), line.words.begin(), line.words.end());
        if (line.command == Command::Backup && line.backup.action == BackupOptions::Action::Export &&
            !line.backup.directory.empty())
            job.argv.back() = (line.backup.directory / file_safe(choice.name)).string();
        keep_apart(job, line);
        for (const char* place : {"BDUPDATE_ROOT", "BDUPDATE_SITE"}) job.environment.erase(place);
        // Everything has been read already, maybe with more rights than the site's own bdupdate will have.
        job.environment["BDUPDATE_CONFIG"] = "/dev/null";
        job.environment["BDUPDATE_LOG_NAME"] = choice.name;
        job.environment["BDUPDATE_COLOR"] = color ? "always" : "never";
        if (line.global.format == Format::Json) job.environment.erase("BDUPDATE_QUIET");
        jobs.push_back(std::move(job));
    }
    return jobs;
}

/// Without the colours.
std::string plain(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\x1b')
            at = std::min(text.find('m', at), text.size() - 1);
        else
            result += text[at];
    }
    return result;
}

/// `bdupdate run` is `bdupdate --root DIR run` for whoever reads of many sites.
std::string with_root(std::string text, const fs::path& root) {
    static const std::vector<CommandDescription> commands = describe_command_line().commands;
    constexpr std::string_view program = "bdupdate ";
    const std::string path = root.string();
    const bool shell_safe = std::all_of(path.begin(), path.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 ||
               std::string_view("/._-+,:@%").find(static_cast<char>(c)) != std::string_view::npos;
    });
    if (!shell_safe) return text;
    for (std::size_t at = 0; (at = text.find(program, at)) != std::string::npos;) {
        at += program.size();
        const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", at);
        const std::string word = text.substr(at, end - at);
        const auto is_command =
            std::any_of(commands.begin(), commands.end(),
                        [&word](const CommandDescription& command) { return command.name == word; });
        if (word == "--site" || is_command) text.insert(at, "--root " + path + " ");
    }
    return text;
}

/// The line of an answer that says what it came to.
std::string gist(Command command, const std::string& answer) {
    std::string first, last;
    for (const std::string_view raw : split(answer, '\n')) {
        const std::string line(trim(plain(raw)));
        if (line.empty() || line.rfind("hint:", 0) == 0) continue;
        if (first.empty()) first = line;
        last = line;
    }
    return command == Command::Status || command == Command::Plan ? last : first;
}

bool changes_sites(const CommandLine& line) {
    switch (line.command) {
        case Command::Run:
            return !line.run.dry_run;
        case Command::Recover:
        case Command::Mark:
            return true;
        case Command::Backup:
            return line.backup.action == BackupOptions::Action::Restore;
        case Command::Maintenance:
            return line.maintenance.on.has_value();
        default:
            return false;
    }
}

void collect_variables(const CommandDescription& command, std::vector<std::string>& variables) {
    for (const OptionDescription& option : command.options)
        if (!option.variable.empty()) variables.push_back(option.variable);
    for (const CommandDescription& inner : command.commands) collect_variables(inner, variables);
}

/// Starts a bdupdate for each site, and keeps what came of it.
class Tour {
  public:
    Tour(std::vector<Job> jobs, const CommandLine& line, Output& output)
        : jobs_(std::move(jobs)), line_(line), output_(output), results_(jobs_.size()) {
        for (std::size_t i = 0; i < jobs_.size(); ++i) {
            results_[i].name = jobs_[i].choice.name;
            results_[i].root = jobs_[i].choice.root.string();
            results_[i].site = jobs_[i].choice.site;
        }
        collect_variables(describe_command_line(), variables_);
    }

    /// With `more` in each one's environment. `ended` sees each result while its document is still there.
    void go(const std::map<std::string, std::string>& more,
            const std::function<void(std::size_t, SiteResult&)>& ended) {
        done_ = failed_ = 0;
        const auto command = [&](std::size_t index) {
            SpawnOptions options;
            options.argv = jobs_[index].argv;
            options.remove_environment = variables_;
            options.environment = jobs_[index].environment;
            for (const auto& [name, value] : more) options.environment[name] = value;
            options.parents_death = SIGTERM;  // as Ctrl-C: it ends after its current pass
            return options;
        };
        FleetWatch watch;
        watch.started = [this](std::size_t index) { working_[index] = Monotonic::now(); };
        watch.said = [this](std::size_t index, std::string_view text) { said(index, text); };
        watch.ended = [&](std::size_t index, const Result<Landing>& landing) {
            working_.erase(index);
            shown_.clear();
            land(index, landing);
            ended(index, results_[index]);
            results_[index].document.clear();
        };
        watch.tick = [this] { tell_progress(); };
        sail(jobs_.size(), static_cast<std::size_t>(line_.global.jobs), command, watch, signal_seen,
             abort_wanted);
        if (signal_seen() == 0) return;
        for (SiteResult& result : results_)
            if (result.ending == SiteResult::Ending::NotBegun)
                result.code = static_cast<ExitCode>(128 + signal_seen());
    }

    std::vector<SiteResult>& results() { return results_; }
    [[nodiscard]] const Job& job(std::size_t index) const { return jobs_[index]; }
    /// What the sites say on stderr is not passed on.
    void hush() { hushed_ = true; }
    void speak() { hushed_ = false; }

  private:
    void said(std::size_t index, std::string_view text) {
        const std::string line = with_root(std::string(text), jobs_[index].choice.root);
        SiteResult& result = results_[index];
        const std::string bare = plain(line);
        const auto take = [&bare](std::string_view word, std::string& into) {
            if (into.empty() && bare.rfind(word, 0) == 0) into = bare.substr(word.size());
        };
        if (!result.error.empty()) take("hint: ", result.hint);
        take("error: ", result.error);
        take("bdupdate: ", result.error);
        if (hushed_) return;
        output_.talk(result.name + ": " + line);
        shown_.clear();
    }

    void land(std::size_t index, const Result<Landing>& landing) {
        SiteResult& result = results_[index];
        result.ending = SiteResult::Ending::Ended;
        ++done_;
        if (!landing) {
            result.code = landing.error().code;
            result.error = landing.error().message;
        } else {
            result.elapsed = landing->elapsed;
            result.document = with_root(landing->out, jobs_[index].choice.root);
            end(result, landing->status);
        }
        if (result.code != ExitCode::Done) ++failed_;
    }

    void end(SiteResult& result, const ExitStatus& status) {
        const bool asked = status.signal == SIGINT || status.signal == SIGTERM || status.signal == SIGHUP;
        result.code = static_cast<ExitCode>(asked ? 128 + status.signal : status.code);
        if (asked || (status.signal == 0 && report::is_exit_code(status.code))) return;
        result.ending = SiteResult::Ending::Crashed;
        result.crash = status.text();
        result.code = changes_sites(line_) ? ExitCode::Interrupted : ExitCode::Preflight;
        result.error = "bdupdate ended unexpectedly: " + status.text();
        result.hint = "bdupdate --root " + result.root + " status tells what it left";
        output_.talk(result.name + ": error: " + result.error);
        output_.talk(result.name + ": hint: " + result.hint);
    }

    void tell_progress() {
        if (working_.empty()) return;
        std::string text = std::to_string(done_) + "/" + std::to_string(jobs_.size()) + " sites";
        if (failed_ > 0) text += ", " + std::to_string(failed_) + " not done";
        if (signal_seen() != 0) text += ", stopping";
        for (const auto& [index, since] : working_) {
            const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(Monotonic::now() - since);
            text += "  " + results_[index].name + " " + std::to_string(seconds.count()) + " s";
        }
        if (text == shown_) return;
        output_.live(text);
        shown_ = text;
    }

    std::vector<Job> jobs_;
    std::vector<std::string> variables_;  ///< of all options: none but the job's own reaches it
    const CommandLine& line_;
    Output& output_;
    std::vector<SiteResult> results_;
    std::map<std::size_t, Monotonic::time_point> working_;
    std::size_t done_ = 0, failed_ = 0;
    std::string shown_;  ///< of the progress; empty: something was printed over it
    bool hushed_ = false;
};

/// What `run` would do, site by site.
Result<std::string> question_of_run(Tour& tour, Output& output) {
    std::size_t updates = 0, sites = 0;
    tour.hush();
    tour.go({{"BDUPDATE_RUN_DRY_RUN", "true"}, {"BDUPDATE_FORMAT", "json"}},
            [&](std::size_t, SiteResult& result) {
                const auto planned = report::planned(result.document);
                if (!planned) return;
                result.word = planned->updates > 0 ? "to update" : "up to date";
                result.text = counted(planned->updates, "update");
                if (planned->blocked > 0) result.text += ", " + std::to_string(planned->blocked) + " blocked";
                if (result.code != ExitCode::Done || planned->updates == 0) return;
                updates += planned->updates;
                ++sites;
            });
    tour.speak();
    if (signal_seen() != 0)
        return fail(static_cast<ExitCode>(128 + signal_seen()), "stopped; nothing was touched");
    output.answer(report::sites_text(tour.results(), output.style()));
    const std::string all = counted(tour.results().size(), "site");
    for (SiteResult& result : tour.results()) {
        result.ending = SiteResult::Ending::NotBegun;
        for (std::string* text : {&result.word, &result.text, &result.error, &result.hint}) text->clear();
        result.code = ExitCode::Done;
    }
    if (updates == 0) return "Nothing is pending. Flush the caches of those of " + all + " that wait for it?";
    return "Back up and run " + counted(updates, "update") + " on " + std::to_string(sites) + " of " + all +
           "?";
}

Result<void> ask(Tour& tour, const CommandLine& line, Output& output) {
    if (line.global.yes || !changes_sites(line)) return {};
    BDUPDATE_TRY(output.require_consent(false));
    std::string question =
        "`" + join(line.words, " ") + "` on " + counted(tour.results().size(), "site") + "?";
    if (line.command == Command::Run) {
        BDUPDATE_ASSIGN(question, question_of_run(tour, output));
    }
    return output.confirm(question);
}

}  // namespace

Result<ExitCode> command_many(int argc, char** argv, const CommandLine& line, Output& output) {
    BDUPDATE_ASSIGN(const ManySites many, find_sites(line.global, output));
    const bool color = output.style().color && ::isatty(STDERR_FILENO) == 1;
    const bool json = line.global.format == Format::Json;
    BDUPDATE_ASSIGN(std::vector<Job> jobs, jobs_of(argc, argv, many.sites, color && !json));
    Tour tour(std::move(jobs), line, output);
    watch_signals();
    BDUPDATE_TRY(ask(tour, line, output));

    if (json) output.answer(report::sites_json_begin());
    bool first = true;
    const auto tell = [&](const SiteResult& result) {
        output.answer(report::site_json(result, first));
        first = false;
    };
    std::map<std::string, std::string> more;
    if (changes_sites(line)) more["BDUPDATE_YES"] = "true";
    tour.go(more, [&](std::size_t, SiteResult& result) {
        if (json) return tell(result);
        if (!changes_sites(line)) result.word = "ok";
        result.text = gist(line.command, result.document);
        const std::string answer(trim(result.document));
        // One line stands in the table.
        if (answer.find('\n') != std::string::npos)
            output.answer(output.style().bold(result.name + ":") + "\n" + result.document + "\n");
    });
    if (json) {
        for (const SiteResult& result : tour.results())
            if (result.ending == SiteResult::Ending::NotBegun) tell(result);
        output.answer(report::sites_json_end(tour.results()));
    } else {
        output.answer(report::sites_text(tour.results(), output.style()));
    }
    return report::worst(tour.results());
}

}  // namespace bdupdate::cli
