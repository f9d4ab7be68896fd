#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bdupdate/plan/numbering.h"
#include "bdupdate/scan/inventory.h"

namespace bdupdate::plan {

/// A module's updates that take part in a run, in the order of order_key().
struct RunModule {
    std::string_view name;
    std::vector<Number> numbers;
};

/// The dependency graph of a run's updates, as core builds it (update_build_dependency_graph()), and core's
/// order of it (update_resolve_dependencies()), in time and memory linear in updates and dependencies but for
/// the sorting.
///
/// Vertices are the updates of the run in their given order and, behind them, updates outside the run that
/// one of them depends on. Core sorts them by weight (the position in a depth first search, counted in each
/// connected component) and, where weights are equal, by comparing as PHP compares arrays all that it knows
/// of two vertices:
///
///  - the one with fewer keys first: `edges` (has dependents) and `reverse_paths` (depends on something) may
///  lack;
///  - then key by key of the left one, in the order they were put in: module and number come first for an
///  update of
///    the run, `edges` for one outside;
///  - a key that the right one lacks makes the left one greater, whichever side is asked.
///
/// So the paths themselves, which make core's way quadratic, never decide anything that the edges did not
/// decide.
///
/// Drupal 7 sorts by weight alone (uasort() with drupal_sort_weight()): PHP 8 leaves equal ones as they were,
/// older ones put them in an order of their own, which nothing depends on.
///
/// Keeps views into the names and numbers it was given: they must outlive it.
class UpdateGraph {
  public:
    using Vertex = std::uint32_t;

    UpdateGraph(const std::vector<RunModule>& run, const std::vector<scan::Dependency>& declared,
                Rules rules = Rules::Backdrop);
    UpdateGraph(const std::vector<RunModule>& run, std::vector<scan::Dependency>&& declared,
                Rules rules = Rules::Backdrop) = delete;

    [[nodiscard]] std::size_t size() const { return module_.size(); }
    /// Vertices below this one are updates of the run: the run's first module's numbers, then the second's …
    [[nodiscard]] Vertex first_outside() const { return first_outside_; }
    [[nodiscard]] std::string_view module(Vertex vertex) const { return names_[module_[vertex]]; }
    [[nodiscard]] const Number& number(Vertex vertex) const { return number_[vertex]; }
    /// "module_update_number".
    [[nodiscard]] std::string function(Vertex vertex) const;

    /// The update of the same module that runs just before, if there is one in the run.
    [[nodiscard]] std::optional<Vertex> previous(Vertex vertex) const;
    /// What hook_update_dependencies() put before this vertex, in the order of the hooks.
    [[nodiscard]] std::vector<Vertex> declared_before(Vertex vertex) const;

    /// Vertices of a cycle, each to run before the next and the last before the first; nothing where there is
    /// none.
    [[nodiscard]] std::optional<std::vector<Vertex>> find_cycle() const;

    /// By vertex: 0 for the last one of those that hang together, and one less for each that stands before.
    [[nodiscard]] std::vector<std::int32_t> weights() const;
    /// All vertices in core's order, which goes by weights() first. The graph must have no cycle.
    [[nodiscard]] std::vector<Vertex> core_order() const { return core_order(weights()); }
    [[nodiscard]] std::vector<Vertex> core_order(const std::vector<std::int32_t>& weight) const;

  private:
    struct Sortable;
    using Edge = std::pair<Vertex, Vertex>;  // first runs before second

    Vertex vertex_of(std::uint32_t module, const Number& number);
    void add_declared(const std::vector<scan::Dependency>& declared);
    void index_edges();
    [[nodiscard]] bool has_next(Vertex vertex) const;
    [[nodiscard]] std::size_t count_after(Vertex vertex) const;
    [[nodiscard]] Vertex after(Vertex vertex, std::size_t index) const;
    [[nodiscard]] std::vector<Vertex> sorted_after(Vertex vertex) const;
    [[nodiscard]] int compare_edges(const Sortable& left, const Sortable& right) const;
    [[nodiscard]] int compare(const Sortable& left, const Sortable& right) const;

    Rules rules_;
    std::vector<std::string_view> names_;  // of modules
    std::unordered_map<std::string_view, std::uint32_t> name_ids_;
    std::vector<std::pair<Vertex, Vertex>> ranges_;  // by module: its vertices in the run
    std::unordered_map<std::string, Vertex> outside_;
    std::vector<std::uint32_t> module_;  // by vertex
    std::vector<Number> number_;         // by vertex
    Vertex first_outside_ = 0;

    // Declared dependencies only, for those between neighbours follow from the order of the vertices.
    std::vector<Edge> before_;              // sorted by second; for one vertex in the order of the hooks
    std::vector<std::uint32_t> before_at_;  // by vertex: where its own begin in before_
    std::vector<Vertex> after_;             // by vertex, in the order of the dependents
    std::vector<std::uint32_t> after_at_;
};

}  // namespace bdupdate::plan
