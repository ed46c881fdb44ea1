#include "likelihood.hpp"

#include <algorithm>
#include <cmath>

#include "elementary.hpp"

namespace pandel {
namespace {

/// A module on the track itself has no transverse direction; a centimetre keeps the gradient finite and changes no likelihood.
constexpr double kTrackRadiusSquared = 1e-4;

/// The brightest modules would draw the centre to themselves.
constexpr double kLargestWeight = 100.0;

double dot(const Point& a, const Point& b) { return a.x * b.x + a.y * b.y + a.z * b.z; }

Point weighted_centre(const std::vector<Hit>& hits) {
  Point sum{0, 0, 0};
  double weights = 0;
  for (const Hit& hit : hits) {
    const double weight = std::min(std::max(hit.charge, 1e-3), kLargestWeight);
    sum.x += weight * hit.x;
    sum.y += weight * hit.y;
    sum.z += weight * hit.z;
    weights += weight;
  }
  return {sum.x / weights, sum.y / weights, sum.z / weights};
}

}  // namespace

Likelihood::Likelihood(const LikelihoodSettings& settings, const Table& table, const std::vector<Hit>& hits)
    : settings_(settings), table_(table), hits_(hits), centre_(weighted_centre(hits)) {
  seen_.resize((hits.size() + kBlock - 1) / kBlock);
  starts_.resize(hits.size());
}

void Likelihood::look_at(double zenith_rad, double azimuth_rad) {
  const SinCos zenith = sin_cos(zenith_rad);
  const SinCos azimuth = sin_cos(azimuth_rad);
  along_ = {-zenith.sin * azimuth.cos, -zenith.sin * azimuth.sin, -zenith.cos};
  // v is horizontal, so that only u has a vertical part.
  axis_v_ = {-azimuth.sin, azimuth.cos, 0};
  axis_u_ = {-zenith.cos * azimuth.cos, -zenith.cos * azimuth.sin, zenith.sin};
  cos_eta_along_ = kCosCherenkov * along_.z;
  for (std::size_t b = 0; b < seen_.size(); ++b) {
    Seen& seen = seen_[b];
    const std::size_t first = b * kBlock;
    seen.count = static_cast<int>(std::min<std::size_t>(kBlock, hits_.size() - first));
    for (int k = 0; k < kBlock; ++k) {
      const Hit& hit = hits_[first + static_cast<std::size_t>(std::min(k, seen.count - 1))];
      const Point away{hit.x - centre_.x, hit.y - centre_.y, hit.z - centre_.z};
      const double multiplicity = std::max(1.0, hit.charge);
      seen.u[k] = dot(away, axis_u_);
      seen.v[k] = dot(away, axis_v_);
      seen.light_time[k] = kLightSpeed * hit.time_ns - dot(away, along_);
      seen.log_multiplicity[k] = logarithm(multiplicity);
      seen.others[k] = multiplicity - 1.0;
    }
  }
}

template <bool kOfMany>
Evaluation Likelihood::sum(const Unknowns& unknowns) const {
  double total = 0, sum_u = 0, sum_v = 0, sum_time = 0;
  const double vertical = kSinCherenkov * axis_u_.z;
  const double delay = kDelayPerDistance / kLightSpeed;
  const double per_scattering = 1.0 / settings_.ice.scattering_m;
  const double xi_per_rho = 0.84 / settings_.ice.scattering_m;
  for (const Seen& seen : seen_) {
    Lanes unit_u, unit_v, xi, xi_by_turn, residual;
    for (int k = 0; k < kBlock; ++k) {
      const double du = seen.u[k] - unknowns[0];
      const double dv = seen.v[k] - unknowns[1];
      const double rho = std::sqrt(du * du + dv * dv + kTrackRadiusSquared);
      const double per_rho = 1.0 / rho;
      unit_u[k] = du * per_rho;
      unit_v[k] = dv * per_rho;
      const double cos_eta = cos_eta_along_ + vertical * unit_u[k];
      xi[k] = effective_distance(rho, cos_eta) * per_scattering;
      xi_by_turn[k] = (9.2 * cos_eta - 3.9) * per_scattering * vertical * per_rho;
      residual[k] = (seen.light_time[k] - unknowns[2] - kDelayPerDistance * rho) * (1.0 / kLightSpeed);
    }
    TableValues value;
    table_.look_up<kOfMany>(xi, residual, value);

    Lanes density, by_u, by_v, by_time;
    for (int k = 0; k < kBlock; ++k) {
      double log_p = value.log_density[k], by_xi = value.log_density_by_xi[k], by_residual = value.log_density_by_time[k];
      if constexpr (kOfMany) {
        log_p += seen.log_multiplicity[k] + seen.others[k] * value.log_survival[k];
        by_xi += seen.others[k] * value.log_survival_by_xi[k];
        by_residual += seen.others[k] * value.log_survival_by_time[k];
      }
      // Below the smallest exponent the floor, which is added after the power, is all there is.
      const double p = exponential_in_range(log_p > -700.0 ? log_p : -700.0);
      density[k] = p + settings_.floor;
      const double share = p / density[k];
      const double by_rho = by_xi * xi_per_rho - by_residual * delay;
      const double by_turn = by_xi * xi_by_turn[k];
      // A track's move is the opposite of the module's.
      by_u[k] = share * (by_rho * unit_u[k] + by_turn * (1.0 - unit_u[k] * unit_u[k]));
      by_v[k] = share * (by_rho * unit_v[k] - by_turn * unit_u[k] * unit_v[k]);
      by_time[k] = share * by_residual * (1.0 / kLightSpeed);
    }
    // One logarithm for a block: the floor keeps the product of eight far inside a double's range.
    double product = 1.0;
    for (int k = 0; k < seen.count; ++k) {
      product *= density[k];
      sum_u += by_u[k];
      sum_v += by_v[k];
      sum_time += by_time[k];
    }
    total -= logarithm(product);
  }
  return {total, {sum_u, sum_v, sum_time}};
}

Evaluation Likelihood::at(const Unknowns& unknowns) {
  ++evaluations_;
  return settings_.model == Model::kFirstOfMany ? sum<true>(unknowns) : sum<false>(unknowns);
}

const std::vector<double>& Likelihood::undelayed_starts(double u, double v) {
  for (std::size_t i = 0; i < starts_.size(); ++i) {
    const Seen& seen = seen_[i / kBlock];
    const int k = static_cast<int>(i % kBlock);
    const double du = seen.u[k] - u;
    const double dv = seen.v[k] - v;
    starts_[i] = seen.light_time[k] - kDelayPerDistance * std::sqrt(du * du + dv * dv);
  }
  std::sort(starts_.begin(), starts_.end());
  return starts_;
}

Unknowns Likelihood::unknowns_of(const Vertex& vertex) const {
  const Point away{vertex.position.x - centre_.x, vertex.position.y - centre_.y, vertex.position.z - centre_.z};
  return {dot(away, axis_u_), dot(away, axis_v_), kLightSpeed * vertex.time_ns - dot(away, along_)};
}

Vertex Likelihood::vertex_of(const Unknowns& unknowns) const {
  const double u = unknowns[0], v = unknowns[1];
  return {{centre_.x + u * axis_u_.x + v * axis_v_.x, centre_.y + u * axis_u_.y + v * axis_v_.y, centre_.z + u * axis_u_.z + v * axis_v_.z},
          unknowns[2] / kLightSpeed};
}

}  // namespace pandel
