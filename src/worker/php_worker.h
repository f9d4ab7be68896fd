#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bdupdate/worker/channel.h"
#include "bdupdate/worker/worker.h"
#include "decode.h"

namespace bdupdate::worker {

/// A worker that is a PHP process.
class PhpWorker : public Worker {
  public:
    PhpWorker(site::Site site, std::string run, std::string worker_lock, Options options);

    /// Starts PHP and sends it its code, without waiting; start() does so itself where this was not called.
    Result<void> launch();
    /// Sends the files to parse; to be followed by checked().
    Result<void> check(const std::vector<std::filesystem::path>& files);
    Result<PhpReport> checked();
    /// What was started ahead becomes a worker of this run.
    void adopt(std::string run, std::string worker_lock);
    /// What one of a run's processes found out, others need not: they all share this.
    void share(std::shared_ptr<Json> known) { known_ = std::move(known); }

    Result<Handshake> start() override;
    Result<void> begin(const PassKey& key) override;
    Result<BootReport> boot() override;
    Result<UpgradeReport> upgrade(const PassKey& key, UpgradeStep step) override;
    Result<BootReport> facts() override;
    PassReport pass(const plan::Step& step, const std::string& sandbox) override;
    void expect_commit(const Commit& commit) override;
    Result<CommitReport> commit(const PassKey& key, const Commit& commit) override;
    Result<std::vector<Message>> flush() override;
    [[nodiscard]] bool flushes_anywhere() const override { return site_.kind == site::Kind::Bare; }
    Result<LookReport> look() override;
    void discard() override;
    void quit() override;

  private:
    /// What came of a request: a frame without a failure in it, or why not.
    struct Answer {
        Failure failure = Failure::None;
        bool interrupted = false;  ///< the mark was not where it had to be
        Json frame;
        std::string error;
        std::vector<std::string> details;  ///< PHP's own last words
    };
    Answer request(const char* verb, Json fields, std::chrono::milliseconds timeout);
    void post(const char* verb, Json fields, std::chrono::milliseconds timeout);
    Answer received(std::chrono::milliseconds timeout);
    Result<Answer> connect();
    Result<void> wait_for_hello();
    Result<void> begin_now();
    void learn(const Json& frame);
    [[nodiscard]] bool is_answer(const Json& frame) const;
    [[nodiscard]] std::string there(const std::filesystem::path& path) const;
    [[nodiscard]] Json connect_fields() const;
    [[nodiscard]] Json tls_attributes(const site::Tls& tls) const;
    [[nodiscard]] Error error_of(const Answer& answer, ExitCode code, const std::string& doing) const;
    void keep_talk(std::vector<std::string>& details) const;

    site::Site site_;
    std::string run_, worker_lock_;
    Options options_;
    std::unique_ptr<Channel> channel_;
    std::int64_t last_request_ = 0;
    bool greeted_ = false;
    bool adopted_ = false;
    bool booted_ = false;
    std::shared_ptr<Json> known_ = std::make_shared<Json>(Json::object());
    Json to_begin_;  ///< the key of a pass that is to be opened, or null
    Json likely_;    ///< what expect_commit() was told, or null
};

}  // namespace bdupdate::worker
