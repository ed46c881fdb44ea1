/** A vector of three components. */
export type Vector = readonly [x: number, y: number, z: number];

/** A rotation matrix by rows. */
export type Matrix = readonly [Vector, Vector, Vector];

export const arcsecRad: number = Math.PI / 648000;

/** Rotates the axes by `angleRad` about x (ERFA's convention: positive turns y towards z). */
export function rotateX(angleRad: number): Matrix {
  const c = Math.cos(angleRad);
  const s = Math.sin(angleRad);
  return [
    [1, 0, 0],
    [0, c, s],
    [0, -s, c],
  ];
}

/** Rotates the axes by `angleRad` about z. */
export function rotateZ(angleRad: number): Matrix {
  const c = Math.cos(angleRad);
  const s = Math.sin(angleRad);
  return [
    [c, s, 0],
    [-s, c, 0],
    [0, 0, 1],
  ];
}

export function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function apply(matrix: Matrix, vector: Vector): Vector {
  return [dot(matrix[0], vector), dot(matrix[1], vector), dot(matrix[2], vector)];
}

export function transpose([a, b, c]: Matrix): Matrix {
  return [
    [a[0], b[0], c[0]],
    [a[1], b[1], c[1]],
    [a[2], b[2], c[2]],
  ];
}

/** The product: the last matrix of the list acts first. */
export function multiply(...matrices: readonly [Matrix, ...Matrix[]]): Matrix {
  const [first, ...rest] = matrices;
  return rest.reduce<Matrix>((left, right) => {
    const columns = transpose(right);
    return [apply(columns, left[0]), apply(columns, left[1]), apply(columns, left[2])];
  }, first);
}
