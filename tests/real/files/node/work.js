// Node with crypto, zlib, workers, child processes, a loopback server, and much JIT-compiled work.
const crypto = require('crypto'), zlib = require('zlib'), fs = require('fs'), http = require('http');
const { execFileSync } = require('child_process');
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');

if (!isMainThread) {
  let sum = 0;
  for (let i = 0; i < 1000; i++) sum += workerData;
  parentPort.postMessage(sum);
} else {
  main();
}

function worker(n) {
  return new Promise((resolve, reject) => {
    const thread = new Worker(__filename, { workerData: n });
    thread.on('message', resolve);
    thread.on('error', reject);
  });
}

async function main() {
  console.log('sha256', crypto.createHash('sha256').update('abc').digest('hex'));
  const key = crypto.scryptSync('secret', 'salt', 32);
  const cipher = crypto.createCipheriv('aes-256-gcm', key, Buffer.alloc(12));
  console.log('cipher', cipher.update('text', 'utf8', 'hex') + cipher.final('hex'), cipher.getAuthTag().toString('hex'));
  const pair = crypto.generateKeyPairSync('ed25519');
  console.log('verified', crypto.verify(null, Buffer.from('m'), pair.publicKey, crypto.sign(null, Buffer.from('m'), pair.privateKey)));
  console.log('inflated', zlib.inflateSync(zlib.deflateSync(Buffer.alloc(50000, 'a'))).length, zlib.brotliDecompressSync(zlib.brotliCompressSync('brotli')).toString());
  console.log('workers', (await Promise.all([1, 1, 1].map(worker))).reduce((a, b) => a + b));
  console.log('child', execFileSync('echo', ['from', 'a child']).toString().trim());
  fs.writeFileSync('written.json', JSON.stringify({ list: [...Array(5).keys()], when: new Date(0) }));
  console.log(fs.readFileSync('written.json', 'utf8'), new Intl.NumberFormat('de-DE').format(1234567.891));
  const sorted = Float64Array.from({ length: 200000 }, (_, i) => Math.sin(i)).sort();
  console.log('sorted', sorted[0].toFixed(12), /(?<year>\d{4})/u.exec('in 2024').groups.year);
  const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11]);
  console.log('wasm', new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.add(40, 2));
  const server = http.createServer((request, response) => response.end('answer to ' + request.url));
  server.listen(0, '127.0.0.1', async () => {
    const answer = await fetch(`http://127.0.0.1:${server.address().port}/path`);
    console.log('http', answer.status, await answer.text());
    server.close();
    server.closeAllConnections();
  });
}
