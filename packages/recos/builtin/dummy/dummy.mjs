#!/usr/bin/env node
import { serve } from "./serve.mjs";

await serve("dummy", "1.0.0");
