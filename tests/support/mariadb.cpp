#include "support/mariadb.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <thread>
#include <vector>

#include "bdupdate/base/file.h"
#include "bdupdate/base/subprocess.h"

namespace bdupdate::test {

namespace fs = std::filesystem;

namespace {

const char* const server_program = "/usr/sbin/mariadbd";

int free_port() {
    const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(fd.get(), generic, size) != 0 || ::getsockname(fd.get(), generic, &size) != 0) return 0;
    return ntohs(address.sin_port);
}

[[noreturn]] void give_up(const std::string& why) {
    std::cerr << "the test's own MariaDB server: " << why << std::endl;
    std::abort();
}

}  // namespace

bool MariaDb::available() {
    return fs::exists(server_program);
}

MariaDb& MariaDb::instance() {
    static MariaDb server;
    return server;
}

const char* MariaDb::password() {
    return "it's \"a\" #secret; \\n=%";
}

MariaDb::MariaDb() {
    // In memory where there is room. A socket's path is limited to 107 characters: short whatever TMPDIR
    // says.
    constexpr std::uintmax_t room = 1U << 30U;
    std::error_code error;
    const bool in_memory = fs::space("/dev/shm", error).available >= room && !error;
    std::string pattern = in_memory ? "/dev/shm/bdm-XXXXXX" : "/tmp/bdm-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) give_up("no temporary directory");
    directory_ = pattern;
    socket_ = directory_ / "sock";
    port_ = free_port();
    install();
    start();
    run("",
        "CREATE USER site@localhost IDENTIFIED BY 'it''s \"a\" #secret; \\\\n=%';"
        "CREATE USER site@127.0.0.1 IDENTIFIED BY 'it''s \"a\" #secret; \\\\n=%';");
}

MariaDb::~MariaDb() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
}

void MariaDb::install() const {
    // A fresh data directory takes a second, a copy of one nearly nothing: ctest starts each test as a
    // program of its own, so one is kept in the build folder.
    if (!fs::exists("CTestTestfile.cmake")) return install_into(directory_ / "data");
    const auto age = fs::last_write_time(server_program).time_since_epoch().count();
    const fs::path kept = "mariadb-template-" + std::to_string(age) + "-" + std::to_string(::geteuid());
    if (!fs::exists(kept)) {
        std::string making = "mariadb-template-XXXXXX";
        if (::mkdtemp(making.data()) == nullptr) return install_into(directory_ / "data");
        install_into(fs::absolute(making) / "data");
        // Another test may have been faster: then its copy is as good.
        if (::rename(making.c_str(), kept.c_str()) != 0) fs::remove_all(making);
    }
    fs::copy(kept / "data", directory_ / "data", fs::copy_options::recursive);
}

void MariaDb::install_into(const fs::path& data) {
    SpawnOptions options;
    options.argv = {"mariadb-install-db",
                    "--no-defaults",
                    "--datadir=" + data.string(),
                    "--tmpdir=" + data.parent_path().string(),
                    "--auth-root-authentication-method=normal",
                    "--skip-test-db",
                    "--skip-name-resolve",
                    "--innodb-log-file-size=8M",
                    "--innodb-flush-log-at-trx-commit=0"};
    if (::geteuid() == 0) options.argv.emplace_back("--user=root");
    const auto done = run_program(options);
    if (!done) give_up(done.error().message);
    if (!done->status.ok()) give_up(done->out + done->err);
}

void MariaDb::start(const std::vector<std::string>& options) {
    std::vector<std::string> arguments = {
        server_program, "--no-defaults", "--datadir=" + (directory_ / "data").string(),
        // A server that starts removes every temporary table's file in its tmpdir.
        "--tmpdir=" + directory_.string(), "--socket=" + socket_.string(),
        "--pid-file=" + (directory_ / "pid").string(), "--log-error=" + (directory_ / "log").string(),
        "--bind-address=127.0.0.1", "--port=" + std::to_string(port_), "--skip-name-resolve",
        "--character-set-server=utf8mb4", "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M",
        "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--max-allowed-packet=64M",
        "--performance-schema=0", "--max-connections=40"};
    if (::geteuid() == 0) arguments.emplace_back("--user=root");
    arguments.insert(arguments.end(), options.begin(), options.end());
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ == 0) {
        // Its own process group, so that Ctrl-C on the test does not race with the destructor; gone with its
        // parent.
        ::setpgid(0, 0);
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(1);
        const int null = ::open("/dev/null", O_RDWR);
        for (int fd = 0; fd < 3; ++fd) ::dup2(null, fd);
        ::execv(server_program, argv.data());
        ::_exit(127);
    }
    for (int attempt = 0; attempt < 600; ++attempt) {
        if (fs::exists(socket_) && answers()) return;
        if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
            pid_ = -1;
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    give_up("did not start: " + read_file(directory_ / "log").value_or("no log"));
}

void MariaDb::restart(int signal, const std::vector<std::string>& options) {
    ::kill(pid_, signal);
    ::waitpid(pid_, nullptr, 0);
    std::error_code ignored;
    fs::remove(socket_, ignored);
    start(options);
}

bool MariaDb::answers() const {
    SpawnOptions options;
    options.argv = {"mariadb-admin", "--no-defaults", "-uroot", "-S", socket_.string(), "ping"};
    const auto done = run_program(options);
    return done && done->status.ok();
}

std::string MariaDb::query(const std::string& database, const std::string& sql) const {
    SpawnOptions options;
    options.argv = {"mariadb", "--no-defaults",  "-uroot",
                    "-S",      socket_.string(), "-N",
                    "--raw",   "--binary-mode",  "--default-character-set=utf8mb4"};
    if (!database.empty()) options.argv.push_back(database);
    const auto done = run_program(options, sql);
    if (!done) throw std::runtime_error(done.error().message);
    if (!done->status.ok()) throw std::runtime_error(done->err);
    return done->out;
}

void MariaDb::run(const std::string& database, const std::string& sql) const {
    static_cast<void>(query(database, sql));
}

void MariaDb::create_database(const std::string& name) {
    run("", "DROP DATABASE IF EXISTS `" + name + "`; CREATE DATABASE `" + name +
                "` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci; GRANT ALL ON `" + name +
                "`.* TO site@localhost; GRANT ALL ON `" + name + "`.* TO site@127.0.0.1;");
}

site::DatabaseSettings MariaDb::settings(const std::string& database, bool tcp) const {
    site::DatabaseSettings settings;
    settings.driver = site::Driver::MySql;
    settings.database = database;
    settings.username = "site";
    settings.password = password();
    settings.host = tcp ? "127.0.0.1" : "localhost";
    if (tcp)
        settings.port = port_;
    else
        settings.unix_socket = socket_;
    return settings;
}

}  // namespace bdupdate::test
