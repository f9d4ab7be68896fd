#pragma once

#include <sqlite3.h>

namespace bdupdate::journal {

/// Commits without waiting for the disk until it is destroyed; the next synced commit takes these along.
class Unsynced {
  public:
    explicit Unsynced(sqlite3* handle) : handle_(handle) { set("PRAGMA synchronous = NORMAL"); }
    Unsynced(const Unsynced&) = delete;
    Unsynced& operator=(const Unsynced&) = delete;
    ~Unsynced() { set("PRAGMA synchronous = FULL"); }

  private:
    void set(const char* sql) { sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr); }
    sqlite3* handle_;
};

}  // namespace bdupdate::journal
