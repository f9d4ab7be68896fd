#include "php_worker.h"

#include <utility>

#include "bdupdate/base/digest.h"
#include "bdupdate/base/text.h"
#include "bdupdate/worker/launch.h"

namespace bdupdate::worker {

namespace {

constexpr std::chrono::milliseconds quit_timeout{30'000};

std::string dump(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json key_fields(const PassKey& key) {
    return {{"run", key.run},   {"epoch", key.epoch}, {"seq", key.seq},
            {"plan", key.plan}, {"step", key.step},   {"unprotected", key.unprotected}};
}

Json commit_fields(const Commit& commit) {
    Json fields = {{"hash_modules", commit.hash_modules}, {"maintenance", commit.maintenance}, {"number", 0}};
    if (commit.schema_version) {
        fields["module"] = commit.schema_version->first;
        fields["number"] = commit.schema_version->second;
    }
    return fields;
}

}  // namespace

PhpWorker::PhpWorker(site::Site site, std::string run, std::string worker_lock, Options options)
    : site_(std::move(site)),
      run_(std::move(run)),
      worker_lock_(std::move(worker_lock)),
      options_(std::move(options)) {}

Result<void> PhpWorker::launch() {
    const std::string token = random_hex(16);
    greeted_ = false;
    last_request_ = 0;
    BDUPDATE_ASSIGN(channel_, Channel::open(options_, "@bdupdate:" + token + " ",
                                            worker_code(site_.kind, token, there(site_.docroot)),
                                            site_.database.password));
    return {};
}

Result<PhpWorker::Answer> PhpWorker::connect() {
    if (!channel_) BDUPDATE_TRY(launch());
    BDUPDATE_TRY(wait_for_hello());
    return request("connect", connect_fields(), options_.boot_timeout);
}

Result<Handshake> PhpWorker::start() {
    BDUPDATE_ASSIGN(Answer answer, connect());
    if (answer.failure == Failure::Died && adopted_) {
        // It waited through the whole backup; what ended it meanwhile need not meet the next one.
        adopted_ = false;
        discard();
        BDUPDATE_ASSIGN(answer, connect());
    }
    if (answer.failure != Failure::None) {
        Error error = error_of(answer, ExitCode::Preflight, "PHP cannot open the site");
        if (answer.error.find("does not see the docroot") != std::string::npos)
            error.hint = "--path-map HOST=THERE says where PHP has it; it must be the same site";
        return fail(std::move(error));
    }
    Handshake shake;
    shake.php_version = text_of(answer.frame, "php");
    shake.mark_run = text_of(answer.frame, "run");
    shake.config_hash = text_of(answer.frame, "config");
    shake.connection_id = answer.frame.value("connection", std::uint64_t{0});
    shake.pid = channel_->pid();
    shake.start_time = process_start_time(shake.pid).value_or(0);
    return shake;
}

Result<void> PhpWorker::wait_for_hello() {
    if (greeted_) return {};
    const Answer answer = received(options_.boot_timeout);
    greeted_ = answer.failure == Failure::None && answer.frame.contains("hello");
    if (greeted_) return {};
    BDUPDATE_TRY(check_php_age(answer.details));
    for (const std::string& line : answer.details)
        if (line.find("Class \"PDO") != std::string::npos)
            return fail(ExitCode::Preflight,
                        std::string("this PHP has no PDO, and so no ") +
                            (site_.database.driver == site::Driver::Sqlite ? "pdo_sqlite" : "pdo_mysql"),
                        "install php-sqlite3 or php-mysql for it, or name another one with --php");
    Error error = error_of(answer, ExitCode::Preflight, join(options_.php, " ") + " does not start as PHP");
    error.hint = "--php names the command line PHP to use";
    return fail(std::move(error));
}

std::string PhpWorker::there(const std::filesystem::path& path) const {
    return path_there(options_.path_map, path.string());
}

/// As settings.php had them: PDO::MYSQL_ATTR_SSL_KEY and its like by their numbers.
Json PhpWorker::tls_attributes(const site::Tls& tls) const {
    Json attributes = Json::object();
    if (!tls.wanted()) return attributes;
    const auto add = [&attributes](const char* number, const std::string& value) {
        if (!value.empty()) attributes[number] = value;
    };
    add("1007", there(tls.key));
    add("1008", there(tls.certificate));
    add("1009", there(tls.ca));
    add("1010", there(tls.ca_directory));
    add("1011", tls.cipher);
    attributes["1014"] = tls.verify;
    return attributes;
}

Json PhpWorker::connect_fields() const {
    const site::DatabaseSettings& database = site_.database;
    const bool sqlite = database.driver == site::Driver::Sqlite;
    return {
        {"docroot", there(site_.docroot)},
        {"settings_file", there(site_.settings_file)},
        {"conf_path", site_.conf_path},
        {"active_config", site_.config_in_database ? "" : there(site_.active_config)},
        {"backdrop_settings", site_.backdrop_settings},
        {"run", run_},
        {"worker_lock", worker_lock_},
        {"database",
         {{"driver", sqlite ? "sqlite" : "mysql"},
          {"database", sqlite ? there(database.database) : database.database},
          {"username", database.username},
          {"password", database.password},
          {"host", database.host},
          {"port", database.port},
          {"unix_socket", database.unix_socket},
          {"prefix", database.prefix},
          {"prefixes", Json(database.table_prefixes)},
          {"charset", database.charset},
          {"collation", database.collation},
          {"pdo", tls_attributes(database.tls)}}},
    };
}

Result<void> PhpWorker::begin(const PassKey& key) {
    to_begin_ = key_fields(key);
    // Behind a boot a pass() follows as a rule, and takes it along.
    return booted_ ? Result<void>() : begin_now();
}

Result<void> PhpWorker::begin_now() {
    if (to_begin_.is_null()) return {};
    const std::string seq = to_begin_["seq"].dump();
    const Answer answer = request("begin", {{"key", std::exchange(to_begin_, nullptr)}, {"known", *known_}},
                                  options_.boot_timeout);
    learn(answer.frame);
    if (answer.failure == Failure::None) return {};
    const ExitCode code = answer.interrupted ? ExitCode::Interrupted : ExitCode::UpdateFailed;
    return fail(error_of(answer, code, "cannot open pass " + seq));
}

void PhpWorker::learn(const Json& frame) {
    if (const auto known = frame.find("known"); known != frame.end() && known->is_object()) *known_ = *known;
}

Result<BootReport> PhpWorker::boot() {
    const Answer answer = request("boot", Json::object(), options_.boot_timeout);
    if (answer.failure != Failure::None)
        return fail(error_of(answer, ExitCode::Preflight, "the site does not boot for updates"));
    booted_ = true;
    return boot_report_of(answer.frame, options_.path_map, plan::rules_of(site_.kind));
}

Result<UpgradeReport> Worker::upgrade(const PassKey&, UpgradeStep) {
    return fail(ExitCode::Preflight, "this kind of site is not upgraded from Drupal 7");
}

Result<UpgradeReport> PhpWorker::upgrade(const PassKey& key, UpgradeStep step) {
    constexpr const char* names[] = {"first", "info", "dependencies"};
    // Altering large tables takes its time.
    const Answer answer = request(
        "upgrade", {{"key", key_fields(key)}, {"step", names[static_cast<int>(step)]}, {"known", *known_}},
        options_.pass_timeout);
    learn(answer.frame);
    if (answer.failure == Failure::None)
        return UpgradeReport{requirements_of(answer.frame), messages_of(answer.frame)};
    const ExitCode code = answer.interrupted ? ExitCode::Interrupted : ExitCode::UpdateFailed;
    return fail(error_of(answer, code, "the upgrade from Drupal 7 failed before the first update"));
}

Result<BootReport> PhpWorker::facts() {
    BDUPDATE_TRY(begin_now());
    const Answer answer = request("facts", Json::object(), options_.boot_timeout);
    if (answer.failure != Failure::None)
        return fail(error_of(answer, ExitCode::UpdateFailed, "the site does not tell its updates"));
    return boot_report_of(answer.frame, options_.path_map, plan::rules_of(site_.kind));
}

PassReport PhpWorker::pass(const plan::Step& step, const std::string& sandbox) {
    const auto started = Monotonic::now();
    Json fields = {{"module", step.update.module},
                   {"number", step.update.number},
                   {"function", step.update.function},
                   {"sandbox", base64_encode(sandbox)}};
    if (!to_begin_.is_null()) fields["key"] = std::exchange(to_begin_, nullptr);
    if (!likely_.is_null()) fields["likely"] = std::exchange(likely_, nullptr);
    const Answer answer = request("pass", std::move(fields), options_.pass_timeout);
    PassReport report = pass_report_of(answer.frame.is_object() ? answer.frame : Json::object());
    report.interrupted = answer.interrupted;
    if (answer.failure != Failure::None) {
        report.failure = answer.failure;
        report.error = answer.error;
        for (const std::string& line : answer.details) report.messages.push_back({"output", line});
    }
    report.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Monotonic::now() - started);
    return report;
}

void PhpWorker::expect_commit(const Commit& commit) {
    likely_ = commit_fields(commit);
}

Result<CommitReport> PhpWorker::commit(const PassKey& key, const Commit& commit) {
    BDUPDATE_TRY(begin_now());
    Json fields = commit_fields(commit);
    fields["key"] = key_fields(key);
    fields["sandbox"] = base64_encode(commit.sandbox);
    // Committing what a long pass wrote may take its time too.
    const Answer answer = request("commit", std::move(fields), options_.pass_timeout);
    if (answer.failure != Failure::None)
        return fail(
            error_of(answer, ExitCode::UpdateFailed, "cannot commit pass " + std::to_string(key.seq)));
    return CommitReport{text_of(answer.frame, "schema_hash")};
}

Result<std::vector<Message>> PhpWorker::flush() {
    const Answer answer = request("flush", Json::object(), options_.pass_timeout);
    if (answer.failure != Failure::None)
        return fail(error_of(answer, ExitCode::UpdateFailed, "cannot flush the caches"));
    return messages_of(answer.frame);
}

Result<LookReport> Worker::look() {
    return fail(ExitCode::Preflight, "this worker cannot look at a site without a run");
}

Result<LookReport> PhpWorker::look() {
    const Answer answer = request("look", Json::object(), options_.boot_timeout);
    if (answer.failure != Failure::None)
        return fail(error_of(answer, ExitCode::Preflight, "the site does not boot for updates"));
    LookReport report;
    report.boot = boot_report_of(answer.frame, options_.path_map, plan::rules_of(site_.kind));
    if (const auto schema = answer.frame.find("schema"); schema != answer.frame.end())
        report.schema = schema_of(*schema);
    return report;
}

void PhpWorker::discard() {
    if (channel_) channel_->kill();
    channel_.reset();
}

void PhpWorker::quit() {
    if (!channel_) return;
    channel_->send(dump({{"id", ++last_request_}, {"do", "quit"}}), quit_timeout);
    channel_->close(quit_timeout);
    channel_.reset();
}

PhpWorker::Answer PhpWorker::request(const char* verb, Json fields, std::chrono::milliseconds timeout) {
    if (!channel_) {
        Answer none;
        none.failure = Failure::Died;
        none.error = "php is not running";
        return none;
    }
    post(verb, std::move(fields), timeout);
    return received(timeout);
}

void PhpWorker::post(const char* verb, Json fields, std::chrono::milliseconds timeout) {
    fields["id"] = ++last_request_;
    fields["do"] = verb;
    channel_->send(dump(fields), timeout);
}

/// Nothing was asked yet (0) when the code that every boot needs kills PHP.
bool PhpWorker::is_answer(const Json& frame) const {
    const auto id = frame.value("id", std::int64_t{0});
    return id == last_request_ || (id == 0 && frame.contains("failure"));
}

PhpWorker::Answer PhpWorker::received(std::chrono::milliseconds timeout) {
    const Incoming incoming = channel_->receive(timeout);
    Answer answer;
    answer.frame = Json::object();
    if (incoming.kind == Incoming::Kind::Frame) {
        Json frame = Json::parse(incoming.text, nullptr, false);
        const bool ours =
            frame.is_object() && (last_request_ == 0 ? frame.contains("hello") : is_answer(frame));
        if (ours) {
            answer.frame = std::move(frame);
            answer.failure = failure_of(answer.frame);
            answer.interrupted = text_of(answer.frame, "failure") == "interrupted";
            answer.error = channel_->without_secret(text_of(answer.frame, "error"));
            return answer;
        }
    }
    answer.failure = incoming.kind == Incoming::Kind::Timeout ? Failure::Timeout : Failure::Died;
    answer.error = Channel::describe(incoming, timeout);
    // It may hang, hold locks and write: nothing that it still does may count.
    channel_->kill();
    keep_talk(answer.details);
    return answer;
}

void PhpWorker::keep_talk(std::vector<std::string>& details) const {
    for (std::string& line : channel_->recent_talk()) details.push_back(std::move(line));
}

Error PhpWorker::error_of(const Answer& answer, ExitCode code, const std::string& doing) const {
    Error error;
    error.code = code;
    error.message = doing + ": " + answer.error;
    error.details = answer.details;
    for (std::string& line : strings_of(answer.frame, "trace")) error.details.push_back(std::move(line));
    for (const Message& message : messages_of(answer.frame))
        error.details.push_back(message.kind + ": " + message.counted_text());
    return error;
}

}  // namespace bdupdate::worker
