#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace bdupdate::backup {

/// Reads a dump of mariadb-dump or mysqldump as it streams by, in pieces of any size, and learns what is in
/// it: which tables are made, how many rows each gets, and whether the end mark has come. Strings may hold
/// anything; they are skipped by the dump programs' own quoting rules (backslash escapes; the programs set
/// the session's sql_mode so).
class DumpScanner {
  public:
    void feed(std::string_view bytes);

    /// Rows of each table that has any.
    [[nodiscard]] const std::map<std::string, std::uint64_t>& rows() const { return rows_; }
    /// Tables and views that the dump makes.
    [[nodiscard]] const std::set<std::string>& created() const { return created_; }
    /// "-- Dump completed" is the last line that says anything.
    [[nodiscard]] bool complete() const { return complete_; }

  private:
    enum class At { LineStart, Rest, Name, AfterBacktick, Columns, ColumnName, Values, Text, Escape };
    enum class Kind { Insert, Create };

    /// Each takes what it can from the front of `bytes`.
    void line_start(std::string_view& bytes);
    void name(std::string_view& bytes);
    void after_backtick(std::string_view& bytes);
    void columns(std::string_view& bytes);
    void values(std::string_view& bytes);
    void skip_past(std::string_view& bytes, char end, At next);
    void text(std::string_view& bytes);

    At at_ = At::LineStart;
    Kind kind_ = Kind::Insert;
    std::string head_;  ///< of the line, as long as it may still become something known
    std::string name_;
    std::uint64_t* count_ = nullptr;
    int depth_ = 0;
    bool complete_ = false;
    std::map<std::string, std::uint64_t> rows_;
    std::set<std::string> created_;
};

}  // namespace bdupdate::backup
