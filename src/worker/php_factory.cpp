// Where workers come from: the one that preflight warmed up, then new ones.

#include <utility>

#include "php_worker.h"

namespace bdupdate::worker {

namespace fs = std::filesystem;

Result<void> PhpWorker::check(const std::vector<fs::path>& files) {
    BDUPDATE_TRY(wait_for_hello());
    Json names = Json::array();
    for (const fs::path& file : files) names.push_back(path_there(options_.path_map, file.string()));
    const bool sqlite = site_.database.driver == site::Driver::Sqlite;
    post("check", {{"files", std::move(names)}, {"driver", sqlite ? "pdo_sqlite" : "pdo_mysql"}},
         options_.boot_timeout);
    return {};
}

Result<PhpReport> PhpWorker::checked() {
    const Answer answer = received(options_.boot_timeout);
    if (answer.failure == Failure::Died || answer.failure == Failure::Timeout)
        return fail(error_of(answer, ExitCode::Preflight, "PHP cannot check the site's files"));
    if (answer.failure != Failure::None) {
        Error error = error_of(answer, ExitCode::Preflight, "PHP cannot load the site's core");
        error.hint = "it may have been copied only in part: put it in place again";
        return fail(std::move(error));
    }
    PhpReport report;
    report.version = text_of(answer.frame, "php");
    const std::string missing = text_of(answer.frame, "missing");
    if (!missing.empty())
        return fail(ExitCode::Preflight, "this PHP (" + report.version + ") has no " + missing,
                    "install php-sqlite3 or php-mysql for it, or name another one with --php");
    for (const Json& error : answer.frame.value("errors", Json::array()))
        if (error.is_array() && error.size() == 3 && error[0].is_string() && error[1].is_number_integer() &&
            error[2].is_string())
            report.syntax_errors.push_back(path_here(options_.path_map, error[0].get<std::string>()) + ":" +
                                           std::to_string(error[1].get<int>()) + ": " +
                                           error[2].get<std::string>());
    return report;
}

void PhpWorker::adopt(std::string run, std::string worker_lock) {
    run_ = std::move(run);
    worker_lock_ = std::move(worker_lock);
    adopted_ = true;
}

WarmPhp::WarmPhp(const site::Site& site, const Options& options)
    : worker_(std::make_unique<PhpWorker>(site, "", "", options)), started_(worker_->launch()) {}

WarmPhp::~WarmPhp() = default;

void WarmPhp::check(const std::vector<fs::path>& files) {
    asked_ = true;
    answer_.reset();
    if (started_) started_ = worker_->check(files);
}

Result<PhpReport> WarmPhp::answer() {
    if (!asked_) check({});
    BDUPDATE_TRY(started_);
    if (!answer_) {  // PHP answers each question once
        answer_ = worker_->checked();
        good_ = answer_->has_value();
    }
    return *answer_;
}

std::unique_ptr<PhpWorker> WarmPhp::take() {
    if (!good_) return nullptr;
    good_ = false;
    return std::move(worker_);
}

namespace {

class PhpWorkerFactory : public WorkerFactory {
  public:
    PhpWorkerFactory(site::Site site, std::string run, std::string worker_lock, Options options,
                     std::shared_ptr<WarmPhp> warm)
        : site_(std::move(site)),
          run_(std::move(run)),
          worker_lock_(std::move(worker_lock)),
          options_(std::move(options)),
          warm_(std::move(warm)) {}
    std::unique_ptr<Worker> make() override {
        auto worker = next();
        worker->share(known_);
        // A run needs a second process for its flush, unless any process may do that: it starts while the
        // first one works. A third is rare.
        const bool wanted = !std::exchange(spare_launched_, true) && !worker->flushes_anywhere();
        if (wanted || (keep_one_ahead_ && !spare_)) {
            spare_ = std::make_unique<PhpWorker>(site_, run_, worker_lock_, options_);
            spare_->adopt(run_, worker_lock_);
            if (!spare_->launch()) spare_.reset();
        }
        return worker;
    }
    void keep_one_ahead(bool wanted) override { keep_one_ahead_ = wanted; }

  private:
    std::unique_ptr<PhpWorker> next() {
        if (auto worker = warm_ ? warm_->take() : nullptr) {
            worker->adopt(run_, worker_lock_);
            return worker;
        }
        if (spare_) return std::move(spare_);
        return std::make_unique<PhpWorker>(site_, run_, worker_lock_, options_);
    }

    site::Site site_;
    std::string run_, worker_lock_;
    Options options_;
    std::shared_ptr<WarmPhp> warm_;
    std::shared_ptr<Json> known_ = std::make_shared<Json>(Json::object());
    std::unique_ptr<PhpWorker> spare_;  ///< started, waiting for its first request
    bool spare_launched_ = false;
    bool keep_one_ahead_ = false;
};

}  // namespace

std::unique_ptr<WorkerFactory> php_workers(const site::Site& site, std::string run, std::string worker_lock,
                                           Options options, std::shared_ptr<WarmPhp> warm) {
    return std::make_unique<PhpWorkerFactory>(site, std::move(run), std::move(worker_lock),
                                              std::move(options), std::move(warm));
}

Result<LookReport> look_at_site(const site::Site& site, const Options& options) {
    PhpWorker worker(site, "", "", options);
    BDUPDATE_ASSIGN(const Handshake shake, worker.start());
    auto report = worker.look();
    // Whatever the site would do at the end of its process, it has nothing to write here.
    worker.discard();
    if (report) report->shake = shake;
    return report;
}

}  // namespace bdupdate::worker
