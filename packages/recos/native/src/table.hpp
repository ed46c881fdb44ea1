#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "elementary.hpp"

/// ln F and ln S over (sqrt(xi), asinh(t / 30 ns)), where S is the integral of F from t on: what one photon of many leaves for the rest.
///
/// Catmull-Rom bicubic: continuous value and gradient from one look-up, within 1.5e-4 of the exact values. Outside of its range the table
/// goes on as a constant, with no slope across the border.
namespace pandel {

/// ln F and ln S with their slopes in xi and in t (1/ns).
struct TableValue {
  double log_density, log_density_by_xi, log_density_by_time;
  double log_survival, log_survival_by_xi, log_survival_by_time;
};

class Table {
 public:
  static constexpr double kSmallestXi = 0.06;
  static constexpr double kLargestXi = 24.0;
  static constexpr double kLatestNs = 12000.0;
  /// The earliest time, in widths of the jitter before the geometric time.
  static constexpr double kEarliestJitters = 14.0;

  /// Fills the table: about 0.2 s of CPU.
  explicit Table(double jitter_ns);

  /// Both logarithms. With `kSurvival` false the survival's part is left at zero, for less work.
  template <bool kSurvival>
  TableValue at(double xi, double time_ns) const;

  double earliest_ns() const { return earliest_; }

 private:
  static constexpr int kXiNodes = 160;
  static constexpr int kTimeNodes = 700;
  static constexpr double kTimeScale = 30.0;

  /// Weights of the four nodes around a point, for the value and for the slope (per node distance).
  struct Spline {
    double value[4];
    double slope[4];
    explicit Spline(double f) {
      const double f2 = f * f;
      const double f3 = f2 * f;
      value[0] = 0.5 * (2.0 * f2 - f - f3);
      value[1] = 0.5 * (2.0 - 5.0 * f2 + 3.0 * f3);
      value[2] = 0.5 * (f + 4.0 * f2 - 3.0 * f3);
      value[3] = 0.5 * (f3 - f2);
      slope[0] = 0.5 * (4.0 * f - 1.0 - 3.0 * f2);
      slope[1] = 0.5 * (9.0 * f2 - 10.0 * f);
      slope[2] = 0.5 * (1.0 + 8.0 * f - 9.0 * f2);
      slope[3] = 0.5 * (3.0 * f2 - 2.0 * f);
    }
  };

  double earliest_;
  /// First node of either axis, and nodes per unit.
  double first_root_, roots_;
  double first_area_, areas_;
  /// Pairs (ln F, ln S), times running fastest.
  std::vector<double> pairs_;
};

template <bool kSurvival>
TableValue Table::at(double xi, double time_ns) const {
  const bool xi_inside = xi > kSmallestXi && xi < kLargestXi;
  const bool time_inside = time_ns > earliest_ && time_ns < kLatestNs;
  // Written so that NaN goes to a border too.
  const double root = std::sqrt(xi_inside ? xi : (xi >= kLargestXi ? kLargestXi : kSmallestXi));
  const double scaled = (time_inside ? time_ns : (time_ns >= kLatestNs ? kLatestNs : earliest_)) * (1.0 / kTimeScale);
  const double hypotenuse = std::sqrt(scaled * scaled + 1.0);
  const double area = std::copysign(logarithm(hypotenuse + std::fabs(scaled)), scaled);

  const double row_at = (root - first_root_) * roots_;
  const double column_at = (area - first_area_) * areas_;
  const int row = static_cast<int>(row_at);
  const int column = static_cast<int>(column_at);
  const Spline by_row(row_at - row);
  const Spline by_column(column_at - column);

  // Two lanes: ln F and ln S.
  double value[2] = {0, 0}, along_row[2] = {0, 0}, along_column[2] = {0, 0};
  const double* corner = pairs_.data() + 2 * (static_cast<std::size_t>(row - 1) * kTimeNodes + (column - 1));
  for (int r = 0; r < 4; ++r, corner += 2 * kTimeNodes) {
    for (int lane = 0; lane < (kSurvival ? 2 : 1); ++lane) {
      const double a = corner[lane], b = corner[2 + lane], c = corner[4 + lane], d = corner[6 + lane];
      const double at_time = (by_column.value[0] * a + by_column.value[1] * b) + (by_column.value[2] * c + by_column.value[3] * d);
      const double slope = (by_column.slope[0] * a + by_column.slope[1] * b) + (by_column.slope[2] * c + by_column.slope[3] * d);
      value[lane] += by_row.value[r] * at_time;
      along_row[lane] += by_row.slope[r] * at_time;
      along_column[lane] += by_row.value[r] * slope;
    }
  }
  const double per_xi = xi_inside ? 0.5 * roots_ / root : 0.0;
  const double per_time = time_inside ? areas_ / (kTimeScale * hypotenuse) : 0.0;
  return {value[0], along_row[0] * per_xi, along_column[0] * per_time, value[1], along_row[1] * per_xi, along_column[1] * per_time};
}

}  // namespace pandel
