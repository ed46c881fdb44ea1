#include "density.hpp"

#include "check.hpp"
#include "table.hpp"

using namespace pandel;
using namespace check;

namespace {

struct Vector {
  double xi, time, wide, narrow;
};

/// ln F at s = 15 ns and s = 4 ns, computed from the parabolic cylinder form with independent software.
const std::vector<Vector> kVectors = {
    {0.2, 0, -4.095511, -3.028496},  {0.2, -20, -5.181436, -15.956765}, {1, 10, -5.865367, -5.555751},
    {3, 50, -9.543887, -9.594269},   {3, 500, -6.816767, -6.815931},    {10, 1000, -9.769579, -9.771196},
};

Lanes& fill(Lanes& lanes, double value) {
  for (double& lane : lanes) lane = value;
  return lanes;
}

TableValues look_up(const Table& table, double xi, double time) {
  Lanes xis, times;
  TableValues values;
  table.look_up<true>(fill(xis, xi), fill(times, time), values);
  return values;
}

const Table& table_of(double jitter) {
  static const Table wide(15);
  static const Table narrow(4);
  return jitter == 15 ? wide : narrow;
}

/// ln of the integral of F from a time on, by Simpson's rule: independent of how the table does it.
double log_survival(double xi, double time, double jitter, const Ice& ice = {}) {
  double sum = 0;
  for (double from = time; from < 40000;) {
    const double width = std::fmax(jitter / 8, (from - 8 * jitter) / 60);
    const auto density = [&](double t) { return std::exp(DensityAtTime(t, jitter, ice).at(xi).value); };
    sum += width / 6 * (density(from) + 4 * density(from + width / 2) + density(from + width));
    from += width;
  }
  return std::log(sum);
}

}  // namespace

GUARANTEE("the density has the published values") {
  for (const Vector& v : kVectors) {
    expect_near(DensityAtTime(v.time, 15).at(v.xi).value, v.wide, 6e-7, "s = 15, t = " + std::to_string(v.time));
    expect_near(DensityAtTime(v.time, 4).at(v.xi).value, v.narrow, 6e-7, "s = 4, t = " + std::to_string(v.time));
  }
}

GUARANTEE("the density's slope is that of its values") {
  for (const double jitter : {4.0, 15.0}) {
    for (const double time : {-13.0 * jitter, -2.0 * jitter, 0.0, 1.5 * jitter, 9.4 * jitter, 10.6 * jitter, 300.0, 9000.0}) {
      for (const double xi : {0.07, 0.5, 1.0, 2.3, 24.0}) {
        const double h = 1e-3 * jitter;
        const double numeric = (DensityAtTime(time + h, jitter).at(xi).value - DensityAtTime(time - h, jitter).at(xi).value) / (2 * h);
        expect_near(DensityAtTime(time, jitter).at(xi).slope, numeric, 2e-6 * (1 + std::fabs(numeric)),
                    "xi " + std::to_string(xi) + ", t " + std::to_string(time));
      }
    }
  }
}

GUARANTEE("the table's ln F is within 1.5e-4 of the quadrature, everywhere") {
  for (const double jitter : {4.0, 15.0}) {
    double worst = 0;
    for (double time = -14 * jitter + 0.01; time < 12000; time += time < 200 ? 1.37 : 61.3) {
      const DensityAtTime exact(time, jitter);
      for (double root = 0.25; root < 4.89; root += 0.0231) {
        const double xi = root * root;
        worst = std::fmax(worst, std::fabs(look_up(table_of(jitter), xi, time).log_density[0] - exact.at(xi).value));
      }
    }
    expect_near(worst, 0, 1.5e-4, "jitter " + std::to_string(jitter));
  }
}

GUARANTEE("the table's ln S is the integral of F, and 0 before the first light") {
  for (const double jitter : {4.0, 15.0}) {
    for (const double xi : {0.1, 0.6, 1.0, 4.0, 23.0}) {
      for (const double time : {-3 * jitter, 0.0, 2 * jitter, 10 * jitter, 400.0, 3000.0}) {
        expect_near(look_up(table_of(jitter), xi, time).log_survival[0], log_survival(xi, time, jitter), 1.5e-4,
                    "xi " + std::to_string(xi) + ", t " + std::to_string(time));
      }
      expect_near(look_up(table_of(jitter), xi, -13.9 * jitter).log_survival[0], 0, 1e-7, "S early");
    }
  }
}

GUARANTEE("in ice that absorbs as little or as much as is allowed, the table holds as well") {
  for (const double absorption : {50.0, 107.8, 200.0}) {
    const Ice ice{33.3, absorption};
    const Table table(4, ice);
    for (const double xi : {0.1, 1.0, 4.0, 23.0}) {
      for (const double time : {-12.0, 0.0, 40.0, 400.0, 3000.0}) {
        const std::string where = "xi " + std::to_string(xi) + ", t " + std::to_string(time);
        expect_near(look_up(table, xi, time).log_density[0], DensityAtTime(time, 4, ice).at(xi).value, 1.5e-4, where);
        expect_near(look_up(table, xi, time).log_survival[0], log_survival(xi, time, 4, ice), 1.5e-4, where);
      }
    }
    // Without jitter to speak of, xi = 1 is an exponential.
    const double rate = ice.decay_rate();
    expect_near(DensityAtTime(500, 1, ice).at(1).value, std::log(rate) - rate * 500 + 0.5 * rate * rate, 1e-9, "exponential");
  }
}

GUARANTEE("the table's slopes are those of its values") {
  const Table& table = table_of(4);
  for (const double time : {-30.0, -3.3, 0.4, 7.7, 90.0, 2500.0}) {
    for (const double xi : {0.09, 0.8, 3.3, 17.0}) {
      const TableValues at = look_up(table, xi, time);
      const double ht = 1e-5 * (1 + std::fabs(time));
      const double hx = 1e-6 * xi;
      const TableValues later = look_up(table, xi, time + ht);
      const TableValues earlier = look_up(table, xi, time - ht);
      const TableValues further = look_up(table, xi + hx, time);
      const TableValues nearer = look_up(table, xi - hx, time);
      const std::string where = "xi " + std::to_string(xi) + ", t " + std::to_string(time);
      const auto near = [&](double slope, double high, double low, double h) {
        const double numeric = (high - low) / (2 * h);
        expect_near(slope, numeric, 1e-5 * (1 + std::fabs(numeric)), where);
      };
      near(at.log_density_by_time[0], later.log_density[0], earlier.log_density[0], ht);
      near(at.log_survival_by_time[0], later.log_survival[0], earlier.log_survival[0], ht);
      near(at.log_density_by_xi[0], further.log_density[0], nearer.log_density[0], hx);
      near(at.log_survival_by_xi[0], further.log_survival[0], nearer.log_survival[0], hx);
    }
  }
}

GUARANTEE("outside of its range the table is constant, without slope, and NaN is harmless") {
  const Table& table = table_of(15);
  const double nan = std::nan("");
  for (const auto& [xi, time] : std::vector<std::pair<double, double>>{{1e9, 0}, {-1, 0}, {1, -1e30}, {1, 1e30}, {nan, 3}, {2, nan}, {INFINITY, -INFINITY}}) {
    const TableValues values = look_up(table, xi, time);
    expect(std::isfinite(values.log_density[0]) && std::isfinite(values.log_survival[0]), "finite values");
    const bool xi_outside = !(xi > Table::kSmallestXi && xi < Table::kLargestXi);
    expect_equal((xi_outside ? values.log_density_by_xi : values.log_density_by_time)[0], 0.0, "slope across the border");
  }
  expect_equal(look_up(table, 30, 100).log_density[0], look_up(table, 24, 100).log_density[0], "constant beyond xi = 24");
}
