#include <algorithm>
#include <numeric>

#include "bdupdate/plan/graph.h"
#include "bdupdate/plan/php_sort.h"

namespace bdupdate::plan {

namespace {

/// Which vertices are connected, whatever the direction.
class Components {
  public:
    explicit Components(std::size_t size) : parent_(size) { std::iota(parent_.begin(), parent_.end(), 0U); }

    std::uint32_t find(std::uint32_t vertex) {
        while (parent_[vertex] != vertex) {
            parent_[vertex] = parent_[parent_[vertex]];
            vertex = parent_[vertex];
        }
        return vertex;
    }

    void join(std::uint32_t left, std::uint32_t right) { parent_[find(left)] = find(right); }

  private:
    std::vector<std::uint32_t> parent_;
};

}  // namespace

/// What the comparison of two vertices looks at, packed for the sorting.
struct UpdateGraph::Sortable {
    std::int32_t weight = 0;
    std::uint32_t module_rank = 0;  ///< of the module's name among all names
    std::int64_t number = 0;
    Vertex vertex = 0;
    std::uint8_t keys = 0;  ///< how many of `edges` and `reverse_paths` there are
    bool has_edges = false;
    bool outside = false;
    bool numeric = true;
};

/// Core's depth first search without its recursion and its paths: the order in which vertices are left,
/// counted downwards from 0 in each component (backdrop_depth_first_search()).
std::vector<std::int32_t> UpdateGraph::weights() const {
    std::vector<Vertex> left;
    left.reserve(size());
    std::vector<bool> visited(size());
    struct Visit {
        Vertex vertex;
        std::size_t next_edge;
    };
    std::vector<Visit> stack;
    Components components(size());
    for (Vertex start = 0; start < size(); ++start) {
        if (visited[start]) continue;
        visited[start] = true;
        stack.push_back({start, 0});
        while (!stack.empty()) {
            Visit& top = stack.back();
            if (top.next_edge == count_after(top.vertex)) {
                left.push_back(top.vertex);
                stack.pop_back();
                continue;
            }
            const Vertex next = after(top.vertex, top.next_edge++);
            components.join(top.vertex, next);
            if (visited[next]) continue;
            visited[next] = true;
            stack.push_back({next, 0});
        }
    }
    std::vector<std::int32_t> next_weight(size(), 0);
    std::vector<std::int32_t> result(size());
    for (const Vertex vertex : left) result[vertex] = next_weight[components.find(vertex)]--;
    return result;
}

std::vector<UpdateGraph::Vertex> UpdateGraph::sorted_after(Vertex vertex) const {
    std::vector<Vertex> result;
    for (std::size_t i = 0; i < count_after(vertex); ++i) result.push_back(after(vertex, i));
    std::sort(result.begin(), result.end());
    return result;
}

/// `edges` of both, which both have: the shorter first; then any key that the right one lacks makes the left
/// greater.
int UpdateGraph::compare_edges(const Sortable& left, const Sortable& right) const {
    const auto left_count = count_after(left.vertex);
    const auto right_count = count_after(right.vertex);
    if (left_count != right_count) return left_count < right_count ? -1 : 1;
    if (left_count == 1) return after(left.vertex, 0) == after(right.vertex, 0) ? 0 : 1;
    return sorted_after(left.vertex) == sorted_after(right.vertex) ? 0 : 1;
}

int UpdateGraph::compare(const Sortable& left, const Sortable& right) const {
    if (left.weight != right.weight) return left.weight < right.weight ? -1 : 1;
    if (left.keys != right.keys) return left.keys < right.keys ? -1 : 1;
    if (left.outside) {
        if (!right.has_edges) return 1;
        if (const int edges = compare_edges(left, right); edges != 0) return edges;
    }
    if (left.module_rank != right.module_rank) return left.module_rank < right.module_rank ? -1 : 1;
    if (left.numeric && right.numeric) {
        if (left.number != right.number) return left.number < right.number ? -1 : 1;
    } else if (const int numbers = compare_numbers(number_[left.vertex], number_[right.vertex]);
               numbers != 0) {
        return numbers;
    }
    // Only an update and one outside that are the same number written differently ("1000", "01000") come this
    // far.
    if (!left.outside && right.outside) {
        if (!left.has_edges) return -1;  // its paths are empty
        if (const int edges = compare_edges(left, right); edges != 0) return edges;
    }
    // PHP 8 leaves equal ones as they were.
    return left.vertex == right.vertex ? 0 : (left.vertex < right.vertex ? -1 : 1);
}

std::vector<UpdateGraph::Vertex> UpdateGraph::core_order(const std::vector<std::int32_t>& weight) const {
    std::vector<std::uint32_t> by_name(names_.size());
    std::iota(by_name.begin(), by_name.end(), 0U);
    std::sort(by_name.begin(), by_name.end(), [this](auto a, auto b) { return names_[a] < names_[b]; });
    std::vector<std::uint32_t> rank(names_.size());
    for (std::uint32_t i = 0; i < by_name.size(); ++i) rank[by_name[i]] = i;

    if (rules_ == Rules::Drupal7) {
        std::vector<Vertex> order(size());
        std::iota(order.begin(), order.end(), Vertex{0});
        std::stable_sort(order.begin(), order.end(),
                         [&weight](Vertex a, Vertex b) { return weight[a] < weight[b]; });
        return order;
    }
    std::vector<Sortable> sorted(size());
    for (Vertex vertex = 0; vertex < size(); ++vertex) {
        const bool has_edges = count_after(vertex) > 0;
        const bool has_reverse_paths = previous(vertex) || before_at_[vertex] != before_at_[vertex + 1];
        Sortable& entry = sorted[vertex];
        entry.weight = weight[vertex];
        entry.module_rank = rank[module_[vertex]];
        entry.number = number_[vertex].value;
        entry.numeric = number_[vertex].numeric;
        entry.vertex = vertex;
        entry.has_edges = has_edges;
        entry.outside = vertex >= first_outside_;
        entry.keys = static_cast<std::uint8_t>((has_edges ? 1 : 0) + (has_reverse_paths ? 1 : 0));
    }
    php::sort(sorted.begin(), sorted.end(),
              [this](const Sortable& left, const Sortable& right) { return compare(left, right); });
    std::vector<Vertex> order;
    order.reserve(size());
    for (const Sortable& entry : sorted) order.push_back(entry.vertex);
    return order;
}

}  // namespace bdupdate::plan
