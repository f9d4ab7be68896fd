#include "docs/session.h"

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <stdexcept>

#include "bdupdate/base/file.h"
#include "support/mariadb.h"

namespace bdupdate::docs {

namespace fs = std::filesystem;

namespace {

/// Replaces whole paths: "/srv" in "/srv/club" and "'/srv'", not in "/x/srv" or "/srvs".
std::string replace_path(std::string text, const std::string& from, const std::string& to) {
    const auto part = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
    };
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos;) {
        const std::size_t end = at + from.size();
        const bool whole = (at == 0 || (!part(text[at - 1]) && text[at - 1] != '/')) &&
                           (end >= text.size() || !part(text[end]));
        if (whole) text.replace(at, from.size(), to);
        at += whole ? to.size() : 1;
    }
    return text;
}

/// Commands of the pages that are not for tests.
constexpr const char* sudo = "#!/bin/sh\nexec \"$@\"\n";

}  // namespace

Session::Session(test::Store store, bool empty) : club_(store) {
    fs::create_directories(kept("home"));
    fs::create_directories(kept("bin"));
    std::ofstream(kept("bin") / "sudo") << sudo;
    fs::permissions(kept("bin") / "sudo", fs::perms::owner_all);
    if (store == test::Store::MariaDb) add_client();
    fs::remove_all(kept("kept"));  // club_'s own copy: /srv is to be as the pages show it
    if (empty) fs::remove_all(club_.root());
    std::ofstream(kept("bin") / "directory") << (empty ? top() : club_.root()).string() << "\n";
    std::ofstream(kept("bin") / "environment");
}

/// `mariadb DATABASE` reaches the test's own server, as root.
void Session::add_client() const {
    const fs::path client = kept("bin") / "mariadb";
    const auto installed = find_program("mariadb");
    if (!installed) throw std::runtime_error("no program mariadb");
    std::ofstream(client) << "#!/bin/sh\ncase $1 in --defaults-file=*) exec " << installed->string()
                          << " \"$@\" ;; esac\nexec " << installed->string() << " --no-defaults -uroot -S "
                          << test::MariaDb::instance().socket().string() << " \"$@\"\n";
    fs::permissions(client, fs::perms::owner_all);
}

Said Session::run(const std::string& command) {
    const std::string directory = kept("bin") / "directory", environment = kept("bin") / "environment";
    const std::string script = "cd \"$(cat " + directory + ")\"\n. " + environment + "\n(exit " +
                               std::to_string(last_code_) + ")\n" + here(command) + "\n__code=$?; pwd >" +
                               directory + "; export -p >" + environment + "; exit $__code\n";
    SpawnOptions options;
    options.argv = {"bash", "-c", script};
    options.merge_stderr = true;
    options.environment = {
        {"PATH", (kept("bin").string() + ":" + fs::path(BDUPDATE_BINARY).parent_path().string() + ":" +
                  std::getenv("PATH"))},
        {"HOME", kept("home").string()},
        {"BDUPDATE_STATE_DIR", club_.state().string()},
        {"LC_ALL", "C.UTF-8"},
        {"BDUPDATE_DOCS", std::string(BDUPDATE_SOURCE_DIR) + "/docs"},
        {"GIT_CONFIG_NOSYSTEM", "1"},
        {"GIT_AUTHOR_NAME", "Anna"},
        {"GIT_AUTHOR_EMAIL", "anna@example.org"},
        {"GIT_COMMITTER_NAME", "Anna"},
        {"GIT_COMMITTER_EMAIL", "anna@example.org"},
    };
    if (club_.store() == test::Store::MariaDb)
        options.environment["MARIADB_PID"] = std::to_string(test::MariaDb::instance().pid());
    const auto done = run_program(options, {}, std::chrono::minutes(1));
    if (!done) throw std::runtime_error(done.error().message);
    if (done->timed_out) throw std::runtime_error("no end after a minute: " + command);
    last_code_ = done->status.code;
    std::string output = std::regex_replace(
        there(done->out), std::regex("bash: line [0-9]+: +[0-9]+ (Killed|Terminated|Hangup) [^\n]*"), "$1");
    output = std::regex_replace(output, std::regex("bash: line [0-9]+: "), "bash: ");
    if (!output.empty() && output.back() != '\n') output += "\n";
    return {output, last_code_};
}

void Session::prepare(const std::string& shell) {
    const int code = last_code_;
    const Said said = run("set -e\n" + shell);
    if (said.code != 0)
        throw std::runtime_error("the hidden commands fail (" + std::to_string(said.code) + "):\n" + shell +
                                 said.output);
    last_code_ = code;
}

void Session::write(const std::string& documented, const std::string& text, bool append) {
    const fs::path file = here(documented);
    fs::create_directories(file.parent_path());
    std::ofstream(file, append ? std::ios::app : std::ios::trunc) << here(text);
}

std::string Session::here(std::string text) const {
    text = replace_path(std::move(text), "/var/lib/bdupdate", club_.state().string());
    text = replace_path(std::move(text), "/root", kept("home").string());
    return replace_path(std::move(text), "/srv", top().string());
}

std::string Session::there(std::string text) const {
    text = replace_path(std::move(text), club_.state().string(), "/var/lib/bdupdate");
    text = replace_path(std::move(text), kept("home").string(), "/root");
    if (club_.store() == test::Store::MariaDb)
        text = replace_path(std::move(text), test::MariaDb::instance().socket().string(),
                            "/run/mysqld/mysqld.sock");
    return replace_path(std::move(text), top().string(), "/srv");
}

bool may_mount() {
    static const bool may = [] {
        if (::geteuid() != 0 || ::unshare(CLONE_NEWNS) != 0) return false;
        return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    }();
    return may;
}

}  // namespace bdupdate::docs
