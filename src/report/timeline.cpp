// The chart of a run.

#include <algorithm>
#include <array>
#include <cstdio>

#include "bdupdate/base/clock.h"
#include "bdupdate/base/text.h"
#include "html.h"

namespace bdupdate::report {

namespace {

struct Bar {
    std::string label, style, link;
    std::int64_t start_ms = 0, elapsed_ms = 0;  ///< from the beginning of the run
    std::size_t updates = 0;                    ///< of a row that stands for several
};

// Units of the drawing; the browser scales it.
constexpr int width = 1000, left = 300, right = 70, row_height = 18, top = 22;
constexpr std::size_t most_rows = 120;

const char* style_of(run::UpdateRecord::State state) {
    using State = run::UpdateRecord::State;
    if (state == State::Failed) return "failed";
    return state == State::Done ? "done" : "undone";
}

std::vector<Bar> rows_of(const run::RunRecord& record) {
    std::vector<Bar> rows;
    const std::int64_t begin = record.summary.run.started_ms;
    for (const run::PhaseRecord& phase : record.phases)
        rows.push_back({phase.what, "phase", "", phase.started_ms - begin, phase.elapsed_ms, 0});
    std::size_t number = 0;
    for (const run::UpdateRecord& update : record.updates) {
        ++number;
        if (update.state == run::UpdateRecord::State::Waiting) continue;
        rows.push_back({update.function.empty() ? "boot of the site" : update.function,
                        style_of(update.state), "update-" + std::to_string(number), update.started_ms - begin,
                        update.elapsed_ms, 1});
    }
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Bar& a, const Bar& b) { return a.start_ms < b.start_ms; });
    return rows;
}

/// Short updates that follow each other share a row where there are too many rows to look at.
std::vector<Bar> gathered(const std::vector<Bar>& rows, std::int64_t total_ms) {
    if (rows.size() <= most_rows) return rows;
    std::vector<Bar> few;
    bool open = false;
    for (const Bar& row : rows) {
        const bool is_short = row.style == "done" && row.elapsed_ms * 200 < total_ms;
        if (is_short && open) {
            Bar& last = few.back();
            last.elapsed_ms = row.start_ms + row.elapsed_ms - last.start_ms;
            last.label = counted(++last.updates, "short update");
            continue;
        }
        few.push_back(row);
        open = is_short;
    }
    return few;
}

/// The smallest of 1, 2, 5, 10 … that leaves at most eight steps.
std::int64_t tick_ms(std::int64_t total_ms) {
    std::int64_t step = 1;
    for (int i = 0; total_ms / step > 8; ++i) step = i % 3 == 1 ? step / 2 * 5 : step * 2;
    return step;
}

std::string number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", value);
    return text.data();
}

std::string duration(std::int64_t ms) {
    return duration_text(std::chrono::milliseconds(ms));
}

std::string cut(const std::string& label) {
    constexpr std::size_t most = 42;
    return label.size() <= most ? label : label.substr(0, most - 1) + "…";
}

class Chart {
  public:
    Chart(std::vector<Bar> rows, std::int64_t total_ms)
        : rows_(std::move(rows)), total_ms_(std::max<std::int64_t>(total_ms, 1)) {}

    std::string svg() const {
        const int height = top + static_cast<int>(rows_.size()) * row_height + 8;
        std::string text = "<svg viewBox=\"0 0 " + std::to_string(width) + " " + std::to_string(height) +
                           "\" role=\"img\" aria-label=\"what took how long\">\n" + axis(height);
        for (std::size_t i = 0; i < rows_.size(); ++i)
            text += bar(rows_[i], top + static_cast<int>(i) * row_height);
        return text + "</svg>\n";
    }

  private:
    [[nodiscard]] double x_of(std::int64_t ms) const {
        return left + static_cast<double>(std::clamp<std::int64_t>(ms, 0, total_ms_)) *
                          (width - left - right) / static_cast<double>(total_ms_);
    }

    [[nodiscard]] std::string axis(int height) const {
        std::string text;
        const std::int64_t step = tick_ms(total_ms_);
        for (std::int64_t at = 0; at <= total_ms_; at += step) {
            const std::string x = number(x_of(at));
            text += "<line class=\"grid\" x1=\"" + x + "\" x2=\"" + x + "\" y1=\"" + std::to_string(top - 6) +
                    "\" y2=\"" + std::to_string(height - 4) +
                    "\"/><text class=\"axis\" text-anchor=\"middle\" x=\"" + x + "\" y=\"11\">" +
                    duration(at) + "</text>\n";
        }
        return text;
    }

    [[nodiscard]] std::string bar(const Bar& row, int y) const {
        const double x = x_of(row.start_ms), end = x_of(row.start_ms + row.elapsed_ms);
        const std::string took = duration(row.elapsed_ms);
        const std::string base = std::to_string(y + 12);
        std::string text = "<g><title>" + escaped(row.label) + ": " + took + "</title><text x=\"" +
                           std::to_string(left - 8) + "\" y=\"" + base + "\" text-anchor=\"end\">" +
                           escaped(cut(row.label)) + "</text><rect class=\"" + row.style + "\" x=\"" +
                           number(x) + "\" y=\"" + std::to_string(y + 3) + "\" width=\"" +
                           number(std::max(end - x, 1.5)) + "\" height=\"" + std::to_string(row_height - 6) +
                           "\" rx=\"1.5\"/><text class=\"axis\" x=\"" + number(std::max(end, x + 1.5) + 5) +
                           "\" y=\"" + base + "\">" + took + "</text></g>";
        if (!row.link.empty() && row.updates == 1) text = "<a href=\"#" + row.link + "\">" + text + "</a>";
        return text + "\n";
    }

    std::vector<Bar> rows_;
    std::int64_t total_ms_;
};

}  // namespace

std::string timeline_svg(const run::RunRecord& record) {
    const std::vector<Bar> rows = rows_of(record);
    std::int64_t total = record.summary.elapsed_ms;
    for (const Bar& row : rows) total = std::max(total, row.start_ms + row.elapsed_ms);
    return Chart(gathered(rows, total), total).svg();
}

}  // namespace bdupdate::report
