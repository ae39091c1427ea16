// Draws labels with zpl-renderer-js: lines of {"zpl", "width_mm", "height_mm", "dots_per_mm"} in, one PNG in base64 a line out.
const { ready } = require(require("node:path").resolve(process.argv[2], "node_modules/zpl-renderer-js"));
const lines = require("node:fs").readFileSync(0, "utf8").split("\n").filter(Boolean);

ready.then(async ({ api }) => {
  for (const line of lines) {
    const { zpl, width_mm, height_mm, dots_per_mm } = JSON.parse(line);
    console.log(await api.zplToBase64Async(zpl, width_mm, height_mm, dots_per_mm));
  }
  process.exit(0);
});
