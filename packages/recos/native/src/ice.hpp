#pragma once

#include <cmath>

/// Constants of the light's way through the ice. Lengths in m, times in ns.
/// Sources: AMANDA track reconstruction, astro-ph/0407044, section 3; d_eff of the effective-distance Pandel function.
namespace pandel {

inline constexpr double kPhaseIndex = 1.3195;
inline constexpr double kGroupIndex = 1.35634;
inline constexpr double kLightSpeed = 0.299792458;
inline constexpr double kScatteringTime = 557.0;

/// Homogeneous ice: what of it a fit may assume otherwise.
struct Ice {
  /// Pandel's lambda: xi is the effective distance over this.
  double scattering_m = 33.3;
  double absorption_m = 98.0;

  /// R of the Pandel function, per ns.
  double decay_rate() const { return 1.0 / kScatteringTime + kLightSpeed / (kGroupIndex * absorption_m); }
};

/// cos and sin of the Cherenkov angle.
inline const double kCosCherenkov = 1.0 / kPhaseIndex;
inline const double kSinCherenkov = std::sqrt(1.0 - kCosCherenkov * kCosCherenkov);

/// Extra way of the unscattered light per metre of perpendicular distance: t_geo = t0 + (a + K rho) / c.
inline const double kDelayPerDistance = (kPhaseIndex * kGroupIndex - 1.0) / std::sqrt(kPhaseIndex * kPhaseIndex - 1.0);

/// Effective distance in m for a perpendicular distance and the photon direction's cosine (+1: up, into the photocathode).
inline double effective_distance(double rho, double cos_eta) { return 3.1 + cos_eta * (-3.9 + cos_eta * 4.6) + 0.84 * rho; }

}  // namespace pandel
