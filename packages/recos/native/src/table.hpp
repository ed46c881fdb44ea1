#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "elementary.hpp"
#include "ice.hpp"

/// ln F and ln S over (sqrt(xi), asinh(t / 30 ns)), where S is the integral of F from t on: what one photon of many leaves for the rest.
///
/// Catmull-Rom bicubic: continuous value and gradient from one look-up, within 1.5e-4 of the exact values. Outside of its range the table
/// goes on as a constant, with no slope across the border.
namespace pandel {

/// Points are looked up a block at a time: most of the arithmetic then runs in the two lanes that every x86-64 processor has.
constexpr int kBlock = 8;
using Lanes = double[kBlock];

/// ln F and ln S with their slopes in xi and in t (1/ns).
struct TableValues {
  Lanes log_density, log_density_by_xi, log_density_by_time;
  Lanes log_survival, log_survival_by_xi, log_survival_by_time;
};

class Table {
 public:
  static constexpr double kSmallestXi = 0.06;
  static constexpr double kLargestXi = 24.0;
  static constexpr double kLatestNs = 12000.0;
  /// The earliest time, in widths of the jitter before the geometric time.
  static constexpr double kEarliestJitters = 14.0;

  /// Fills the table: about 0.2 s of CPU.
  explicit Table(double jitter_ns, const Ice& ice = {});

  /// Both logarithms; with `kSurvival` false the survival's are left as they are, for less work.
  template <bool kSurvival>
  void look_up(const Lanes& xi, const Lanes& time_ns, TableValues& out) const;

  double earliest_ns() const { return earliest_; }

 private:
  static constexpr int kXiNodes = 160;
  static constexpr int kTimeNodes = 700;
  static constexpr double kTimeScale = 30.0;

  double earliest_;
  /// First node of either axis, and nodes per unit.
  double first_root_, roots_;
  double first_area_, areas_;
  /// Pairs (ln F, ln S), times running fastest.
  std::vector<double> pairs_;
};

template <bool kSurvival>
void Table::look_up(const Lanes& xi, const Lanes& time_ns, TableValues& out) const {
  // Node before the point, and Catmull-Rom weights of the four nodes around it for the value and for the slope.
  std::int32_t row[kBlock], column[kBlock];
  Lanes by_row[4], slope_by_row[4], by_column[4], slope_by_column[4];
  const auto weigh = [](double f, int k, Lanes* value, Lanes* slope) {
    const double f2 = f * f;
    const double f3 = f2 * f;
    value[0][k] = 0.5 * (2.0 * f2 - f - f3);
    value[1][k] = 0.5 * (2.0 - 5.0 * f2 + 3.0 * f3);
    value[2][k] = 0.5 * (f + 4.0 * f2 - 3.0 * f3);
    value[3][k] = 0.5 * (f3 - f2);
    slope[0][k] = 0.5 * (4.0 * f - 1.0 - 3.0 * f2);
    slope[1][k] = 0.5 * (9.0 * f2 - 10.0 * f);
    slope[2][k] = 0.5 * (1.0 + 8.0 * f - 9.0 * f2);
    slope[3][k] = 0.5 * (3.0 * f2 - 2.0 * f);
  };
  Lanes per_xi, per_time;
  for (int k = 0; k < kBlock; ++k) {
    // Comparisons in this order take NaN to a border too.
    const double low = xi[k] > kSmallestXi ? xi[k] : kSmallestXi;
    const double inside = low < kLargestXi ? low : kLargestXi;
    const double root = std::sqrt(inside);
    const double at = (root - first_root_) * roots_;
    row[k] = static_cast<std::int32_t>(at);
    weigh(at - row[k], k, by_row, slope_by_row);
    per_xi[k] = inside == xi[k] ? 0.5 * roots_ / root : 0.0;
  }
  for (int k = 0; k < kBlock; ++k) {
    const double low = time_ns[k] > earliest_ ? time_ns[k] : earliest_;
    const double inside = low < kLatestNs ? low : kLatestNs;
    const double scaled = inside * (1.0 / kTimeScale);
    const double hypotenuse = std::sqrt(scaled * scaled + 1.0);
    const double area = std::copysign(logarithm_in_range(hypotenuse + std::fabs(scaled)), scaled);
    const double at = (area - first_area_) * areas_;
    column[k] = static_cast<std::int32_t>(at);
    weigh(at - column[k], k, by_column, slope_by_column);
    per_time[k] = inside == time_ns[k] ? areas_ / (kTimeScale * hypotenuse) : 0.0;
  }

  for (int k = 0; k < kBlock; ++k) {
    double value[2] = {0, 0}, along_row[2] = {0, 0}, along_column[2] = {0, 0};
    const double* corner = pairs_.data() + 2 * (static_cast<std::size_t>(row[k] - 1) * kTimeNodes + static_cast<std::size_t>(column[k] - 1));
    for (int r = 0; r < 4; ++r, corner += 2 * kTimeNodes) {
      for (int lane = 0; lane < (kSurvival ? 2 : 1); ++lane) {
        const double a = corner[lane], b = corner[2 + lane], c = corner[4 + lane], d = corner[6 + lane];
        const double at_time = (by_column[0][k] * a + by_column[1][k] * b) + (by_column[2][k] * c + by_column[3][k] * d);
        const double slope = (slope_by_column[0][k] * a + slope_by_column[1][k] * b) + (slope_by_column[2][k] * c + slope_by_column[3][k] * d);
        value[lane] += by_row[r][k] * at_time;
        along_row[lane] += slope_by_row[r][k] * at_time;
        along_column[lane] += by_row[r][k] * slope;
      }
    }
    out.log_density[k] = value[0];
    out.log_density_by_xi[k] = along_row[0] * per_xi[k];
    out.log_density_by_time[k] = along_column[0] * per_time[k];
    if constexpr (kSurvival) {
      out.log_survival[k] = value[1];
      out.log_survival_by_xi[k] = along_row[1] * per_xi[k];
      out.log_survival_by_time[k] = along_column[1] * per_time[k];
    }
  }
}

}  // namespace pandel
