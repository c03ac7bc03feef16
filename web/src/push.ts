/** Pages that make a browser a device, ask devices, or take their answers, and no others, have this script (README.md). */
import { startPush } from "./lib/push.js";

startPush();
