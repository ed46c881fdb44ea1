import { nutationTerms } from "./nutation-terms.ts";
import { arcsecRad, multiply, rotateX, rotateZ, type Matrix } from "./rotation.ts";

/**
 * Nutation in longitude and obliquity, IAU 2000B (77 terms, 1 mas), as ERFA's `nut00b`.
 * @param t Julian centuries of TT since J2000.0
 */
export function nutation(t: number): { dpsiRad: number; depsRad: number } {
  const l = 485868.249036 + 1717915923.2178 * t;
  const lp = 1287104.79305 + 129596581.0481 * t;
  const f = 335779.526232 + 1739527262.8478 * t;
  const d = 1072260.70369 + 1602961601.209 * t;
  const om = 450160.398036 - 6962890.5431 * t;
  let longitude = 0;
  let obliquity = 0;
  for (let i = nutationTerms.length - 1; i >= 0; i--) {
    const [nl, nlp, nf, nd, nom, ps, pst, pc, ec, ect, es] = nutationTerms[i]!;
    const argument = ((nl * l + nlp * lp + nf * f + nd * d + nom * om) % 1296000) * arcsecRad;
    const sine = Math.sin(argument);
    const cosine = Math.cos(argument);
    longitude += (ps + pst * t) * sine + pc * cosine;
    obliquity += (ec + ect * t) * cosine + es * sine;
  }
  // The constants stand for the planetary terms.
  return { dpsiRad: (longitude * 1e-7 - 0.135e-3) * arcsecRad, depsRad: (obliquity * 1e-7 + 0.388e-3) * arcsecRad };
}

/** Mean obliquity of the ecliptic, IAU 2006. */
export function meanObliquityRad(t: number): number {
  const polynomial = 84381.406 + (-46.836769 + (-0.0001831 + (0.0020034 + (-0.000000576 - 0.0000000434 * t) * t) * t) * t) * t;
  return polynomial * arcsecRad;
}

/**
 * Frame bias, precession (IAU 2006, Fukushima-Williams angles) and nutation: turns ICRS vectors to the true equator and
 * equinox of date. ERFA's `pnm06a` with the nutation above instead of IAU 2000A.
 * @param t Julian centuries of TT since J2000.0
 */
export function biasPrecessionNutation(t: number): Matrix {
  const gamb = -0.052928 + (10.556378 + (0.4932044 + (-0.00031238 + (-0.000002788 + 0.000000026 * t) * t) * t) * t) * t;
  const phib = 84381.412819 + (-46.811016 + (0.0511268 + (0.00053289 + (-0.00000044 - 0.0000000176 * t) * t) * t) * t) * t;
  const psib = -0.041775 + (5038.481484 + (1.5584175 + (-0.00018522 + (-0.000026452 - 0.0000000148 * t) * t) * t) * t) * t;
  const { dpsiRad, depsRad } = nutation(t);
  // IAU 2006 adjustments of a nutation made for IAU 2000 (Wallace & Capitaine 2006, eqs. 5).
  const j2Rate = -2.7774e-6 * t;
  const psiRad = psib * arcsecRad + dpsiRad * (1 + 0.4697e-6 + j2Rate);
  const epsRad = meanObliquityRad(t) + depsRad * (1 + j2Rate);
  return multiply(rotateX(-epsRad), rotateZ(-psiRad), rotateX(phib * arcsecRad), rotateZ(gamb * arcsecRad));
}
