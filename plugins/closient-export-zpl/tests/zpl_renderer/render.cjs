// For each line of standard input, a label file and the size of its labels: a line with their pictures.
const readline = require("node:readline");
const { ready } = require("zpl-renderer-js");

(async () => {
  const { api } = await ready;
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { zpl, width_mm, height_mm, dots_per_mm } = JSON.parse(line);
    let answer;
    try {
      answer = await api.zplToBase64MultipleAsync(zpl, width_mm, height_mm, dots_per_mm);
    } catch (error) {
      answer = String(error);
    }
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
})();
