#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "outlined_file.h"
#include "place_search.h"

namespace bdupdate::scan {

/// The reading that a scan does, most of what `status` does, on a second thread. Begun early, the thread
/// looks for modules while its owner still asks the database which of them matter. Then it reads their files
/// from the last to the first, while the owner takes them from the first to the last. It is one thread from
/// beginning to end, as a fresh one may wait for milliseconds before a processor takes it up.
class ReadAhead {
  public:
    ReadAhead(site::Site site, std::string profile) : site_(std::move(site)), profile_(std::move(profile)) {}
    ReadAhead(const ReadAhead&) = delete;
    ReadAhead& operator=(const ReadAhead&) = delete;
    ~ReadAhead();

    /// Begins before it is known which modules matter. False where no thread is to be had.
    bool begin();

    /// Begun for this profile, and not used by a scan.
    [[nodiscard]] bool is_ready_for(const std::string& profile) const {
        return !used_ && profile == profile_;
    }

    /// Where modules are; the files of the `wanted` ones are read from now on. Once only. Errors: those of
    /// find_places().
    Result<Places> places(const std::vector<WantedModule>& wanted);

    /// A file, read by whoever came first, or now. Each can be taken once.
    std::unique_ptr<OutlinedFile> take(const std::filesystem::path& file);

    /// Nothing will be taken any more.
    void end();

  private:
    struct Slot {
        std::filesystem::path file;
        std::atomic<bool> claimed{false};
        std::atomic<bool> done{false};
        std::unique_ptr<OutlinedFile> content;
    };
    void look_and_read();
    void expect(const Listing& listing, const std::vector<WantedModule>& wanted);
    void expect(std::filesystem::path file);
    void read_backwards();

    site::Site site_;
    std::string profile_;
    bool used_ = false;
    std::promise<std::vector<WantedModule>> wanted_;
    std::promise<Result<Places>> places_;
    std::vector<std::unique_ptr<Slot>> slots_;
    std::map<std::string, std::size_t> index_;
    FileBuffer buffer_;  ///< of take(); the thread has one of its own
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

/// What was begun for the site and profile of the scan, or one that has not begun.
std::shared_ptr<ReadAhead> reading_for(const site::Site& site, const ScanOptions& options);

}  // namespace bdupdate::scan
