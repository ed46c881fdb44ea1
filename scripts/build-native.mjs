// Compiles the native reco; its flags are told in packages/recos/native/build.mjs, which does it and goes along with the package.
import "../packages/recos/native/build.mjs";
