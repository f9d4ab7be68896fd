#include "read_ahead.h"

#include <system_error>
#include <utility>

namespace bdupdate::scan {

namespace {

std::string profile_of(const site::Site& site, const std::string& install_profile) {
    const std::string profile = site.install_profile_override.value_or(install_profile);
    return profile.empty() ? "standard" : profile;
}

template <typename Work>
bool start(std::thread& thread, Work work) {
    try {
        thread = std::thread(std::move(work));
        return true;
    } catch (const std::system_error&) {
        return false;  // no thread to be had: take() reads everything itself
    }
}

}  // namespace

bool ReadAhead::begin() {
    return start(thread_, [this] { look_and_read(); });
}

void ReadAhead::look_and_read() {
    try {
        Result<Places> found = find_places(site_, profile_);
        const bool is_found = found.has_value();
        const std::vector<WantedModule> wanted = wanted_.get_future().get();
        if (is_found) expect(found->listing, wanted);
        places_.set_value(std::move(found));
        if (!is_found) return;
    } catch (...) {
        places_.set_exception(std::current_exception());
        return;
    }
    read_backwards();
}

Result<Places> ReadAhead::places(const std::vector<WantedModule>& wanted) {
    used_ = true;
    if (thread_.joinable()) {
        wanted_.set_value(wanted);
        return places_.get_future().get();
    }
    BDUPDATE_ASSIGN(Places found, find_places(site_, profile_));
    expect(found.listing, wanted);
    // For a few files a thread costs more than it saves.
    if (slots_.size() >= 8) start(thread_, [this] { read_backwards(); });
    return found;
}

void ReadAhead::expect(const Listing& listing, const std::vector<WantedModule>& wanted) {
    std::vector<std::filesystem::path> installs;
    for (const WantedModule& module : wanted) {
        const auto found = listing.find(module.name);
        if (found == listing.end()) continue;
        const Place& place = found->second.places.front();
        if (module.enabled) expect(module_file(site_, module.name, place));
        installs.push_back(install_file(site_, module.name, place));
    }
    for (std::filesystem::path& file : installs) expect(std::move(file));
}

void ReadAhead::expect(std::filesystem::path file) {
    if (!index_.try_emplace(file.string(), slots_.size()).second) return;
    slots_.push_back(std::make_unique<Slot>());
    slots_.back()->file = std::move(file);
}

void ReadAhead::read_backwards() {
    FileBuffer buffer;
    for (std::size_t i = slots_.size(); i-- > 0 && !stop_;) {
        Slot& slot = *slots_[i];
        if (slot.claimed.exchange(true)) continue;
        slot.content = read_outline(slot.file, buffer);
        slot.done.store(true);
        slot.done.notify_one();
    }
}

std::unique_ptr<OutlinedFile> ReadAhead::take(const std::filesystem::path& file) {
    const auto found = index_.find(file.string());
    if (found == index_.end()) return read_outline(file, buffer_);
    Slot& slot = *slots_[found->second];
    index_.erase(found);
    if (!slot.claimed.exchange(true)) return read_outline(file, buffer_);
    slot.done.wait(false);
    return std::move(slot.content);
}

void ReadAhead::end() {
    stop_ = true;
    // It may still wait for being told what is wanted.
    if (thread_.joinable() && !used_) wanted_.set_value({});
    used_ = true;
    if (thread_.joinable()) thread_.join();
    slots_.clear();
    index_.clear();
}

ReadAhead::~ReadAhead() {
    end();
}

std::shared_ptr<ReadAhead> begin_reading(const site::Site& site, const std::string& install_profile) {
    auto reading = std::make_shared<ReadAhead>(site, profile_of(site, install_profile));
    return reading->begin() ? reading : nullptr;
}

std::shared_ptr<ReadAhead> reading_for(const site::Site& site, const ScanOptions& options) {
    std::string profile = profile_of(site, options.install_profile);
    if (options.begun != nullptr && options.begun->is_ready_for(profile)) return options.begun;
    return std::make_shared<ReadAhead>(site, std::move(profile));
}

}  // namespace bdupdate::scan
