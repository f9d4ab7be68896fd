#include "fault/club.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"
#include "support/mariadb.h"

namespace bdupdate::test {

namespace fs = std::filesystem;

namespace {

constexpr const char* database_name = "club";

fs::path beside(const char* name) {
    return fs::path(BDUPDATE_SOURCE_DIR) / "tests/fault" / name;
}

std::string output_of(const std::vector<std::string>& argv, const std::string& input = {}) {
    const auto done = run_program({.argv = argv}, input);
    if (!done) throw std::runtime_error(done.error().message);
    if (!done->status.ok()) throw std::runtime_error(argv.front() + ": " + done->err + done->out);
    return done->out;
}

}  // namespace

unsigned number_from(const char* variable, unsigned otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

Club::Club(Store store) : store_(store) {
    if (store == Store::MariaDb) move_to_mariadb();
    keep();
}

void Club::move_to_mariadb() {
    const MariaDb& server = MariaDb::instance();
    MariaDb::instance().create_database(database_name);
    const std::string rows = output_of({"sqlite3", (root() / "site.sqlite").string(), ".dump --data-only"});
    std::string inserts = "SET sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES,NO_AUTO_VALUE_ON_ZERO';\n";
    for (const std::string_view line : split(rows, '\n'))
        if (line.rfind("INSERT INTO ", 0) == 0 && line.find("sqlite_sequence") == std::string_view::npos)
            inserts.append(line).append("\n");
    server.run(database_name, read_file(beside("club_mariadb.sql")).value() + inserts);
    fs::remove(root() / "site.sqlite");
    std::string password = MariaDb::password();
    for (std::size_t at = 0; (at = password.find_first_of("'\\", at)) != std::string::npos; at += 2)
        password.insert(at, "\\");
    replace(
        "settings.php", "$database = 'sqlite:site.sqlite';",
        "$database = array('driver' => 'mysql', 'database' => 'club', 'username' => 'site', 'password' => '" +
            password + "', 'host' => 'localhost', 'unix_socket' => '" + server.socket().string() + "');");
}

Subprocess Club::start(const std::vector<std::string>& arguments,
                       const std::map<std::string, std::string>& environment) const {
    auto child = Subprocess::spawn(command(arguments, environment));
    if (!child) throw std::runtime_error(child.error().message);
    return std::move(*child);
}

void Club::add_update(int number, const std::string& body) {
    append("modules/dues/dues.install", "\n/**\n * Update of a test.\n */\nfunction dues_update_" +
                                            std::to_string(number) + "(&$sandbox) {\n" + body + "\n}\n");
}

void Club::only_update(int number, const std::string& body) {
    const std::map<std::string, int> newest = {{"club", 1003},    {"dues", 1006},   {"event", 1004},
                                               {"gallery", 1002}, {"member", 1003}, {"newsletter", 1001}};
    for (const auto& [module, version] : newest)
        execute("UPDATE system SET schema_version = " + std::to_string(version) + " WHERE name = '" + module +
                "';");
    add_update(number, body);
    keep();
}

void Club::execute(const std::string& statements) {
    if (store_ == Store::Sqlite)
        sql(statements);
    else
        MariaDb::instance().run(database_name, statements);
}

std::string Club::rows(const std::string& query) const {
    std::string text = store_ == Store::Sqlite
                           ? output_of({"sqlite3", (root() / "site.sqlite").string(), query})
                           : MariaDb::instance().query(database_name, query);
    std::replace(text.begin(), text.end(), '\t', '|');
    if (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

std::vector<std::string> Club::dsn() const {
    if (store_ == Store::Sqlite) return {"sqlite:" + (root() / "site.sqlite").string(), "", ""};
    return {"mysql:unix_socket=" + MariaDb::instance().socket().string() +
                ";charset=utf8mb4;dbname=" + database_name,
            "root", ""};
}

std::string Club::held(bool exact) const {
    std::vector<std::string> argv = {"php", beside("site_content.php").string()};
    for (const std::string& part : dsn()) argv.push_back(part);
    argv.push_back(config().string());
    if (exact) argv.emplace_back("exact");
    return output_of(argv);
}

void Club::keep() {
    const fs::path kept = root().parent_path() / "kept";
    fs::remove_all(kept);
    fs::copy(root(), kept, fs::copy_options::recursive);
    if (store_ == Store::MariaDb)
        kept_database_ = output_of({"mariadb-dump", "--no-defaults", "-uroot", "-S",
                                    MariaDb::instance().socket().string(), database_name});
}

void Club::renew() {
    fs::remove_all(root());
    fs::remove_all(state());
    fs::copy(root().parent_path() / "kept", root(), fs::copy_options::recursive);
    if (store_ != Store::MariaDb) return;
    MariaDb::instance().create_database(database_name);
    MariaDb::instance().run(database_name, kept_database_);
}

std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> children;
    const fs::path tasks = fs::path("/proc") / std::to_string(parent) / "task";
    std::error_code gone;
    for (const auto& task : fs::directory_iterator(tasks, gone)) {
        std::ifstream file(task.path() / "children");
        for (pid_t pid = 0; file >> pid;) children.push_back(pid);
    }
    return children;
}

std::string first_difference(const std::string& expected, const std::string& actual) {
    std::istringstream left(expected), right(actual);
    std::string before, one, other;
    for (int line = 1;; ++line) {
        const bool more_left = static_cast<bool>(std::getline(left, one));
        const bool more_right = static_cast<bool>(std::getline(right, other));
        if (!more_left && !more_right) return {};
        if (!more_left) one = "(end)";
        if (!more_right) other = "(end)";
        if (one != other)
            return "line " + std::to_string(line) + ": expected " + one.substr(0, 300) + "\n  got " +
                   other.substr(0, 300);
    }
}

}  // namespace bdupdate::test
