// kill -9 in the middle of everything, again and again: what a client was told must still be true afterwards, nothing is
// released twice, and what was queued goes out.
//
// The server runs as a process of its own with its real database; eight clients drive the main job over HTTP and write down
// each answer; a receiver takes the webhooks. After every kill the server starts again on the same data. At the end the
// clients' history is compared with what the server says.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const binary = process.env.CS_SERVER ?? new URL('../../build/debug/countersign', import.meta.url).pathname
const kills = Number(process.env.KILLS ?? 6)
const clients = 8

const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

/** The server as a process that can die and come back. */
class Victim {
  constructor() {
    this.data = mkdtempSync(join(tmpdir(), 'countersign-kill-'))
    this.port = 20000 + Math.floor(Math.random() * 20000)
    this.url = `http://127.0.0.1:${this.port}`
  }
  async start() {
    this.process = spawn(binary, ['serve', '--dev', '--data-dir', this.data, '--listen', `127.0.0.1:${this.port}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let errors = ''
    this.process.stderr.on('data', (text) => (errors += text))
    this.gone = new Promise((done) => this.process.once('exit', done))
    for (let tries = 0; tries < 1200; tries++) {
      if ((await this.call('GET', '/readyz')).status === 200) {
        this.credentials = JSON.parse(readFileSync(join(this.data, 'dev-credentials.json'), 'utf8'))
        return
      }
      await sleep(50)
    }
    throw new Error(`the server does not come up: ${errors}`)
  }
  async kill() {
    this.process.kill('SIGKILL')
    await this.gone
  }
  async stop() {
    this.process.kill('SIGTERM')
    await this.gone
    rmSync(this.data, { recursive: true })
  }
  /** Status 0: no answer, so nobody knows whether it happened. */
  async call(method, path, body, headers = {}) {
    const all = { ...headers }
    if (this.credentials) all.authorization = `Bearer ${this.credentials.api_key}`
    if (body !== undefined) all['content-type'] = 'application/json'
    try {
      const answer = await fetch(this.url + path, { method, headers: all, body: body && JSON.stringify(body) })
      const text = await answer.text()
      return { status: answer.status, json: text ? JSON.parse(text) : null }
    } catch {
      return { status: 0, json: null }
    }
  }
}

/** Takes webhooks and remembers which transactions each id was about. */
async function receiver() {
  const seen = new Map()
  const server = http.createServer((request, response) => {
    let body = ''
    request.on('data', (piece) => (body += piece))
    request.on('end', () => {
      const event = JSON.parse(body)
      if (event.type === 'transaction.verified') {
        const ids = seen.get(event.data.id) ?? new Set()
        seen.set(event.data.id, ids.add(request.headers['webhook-id']))
      }
      response.end()
    })
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  return { seen, url: `http://127.0.0.1:${server.address().port}/hook`, close: () => server.close() }
}

let next = 10000000
const phone = () => `+55119${next++}`.slice(0, 14)

/** Repeats a call until the server answers at all. */
async function insist(victim, running, ...call) {
  for (;;) {
    const answer = await victim.call(...call)
    if (answer.status !== 0 && answer.status !== 503) return answer
    if (!running()) return answer
    await sleep(20)
  }
}

/** One main job, step by step; writes down what was acknowledged before going on. */
async function job(victim, history, running) {
  const number = phone()
  const identity = `person-${number}`
  const secret = `payload of ${number}`
  const held = await insist(victim, running, 'POST', '/v1/transactions', {
    type: 'payout', subject: { identity, contacts: [{ channel: 'sms', address: number }] },
    display: { title: 'New payout account', payee: 'Casa do Samba' }, payload: { secret }, policy: { any_of: ['sms'] },
  }, { 'idempotency-key': `hold-${number}` })
  if (held.status !== 201) return
  const entry = { id: held.json.id, number, secret, acknowledged: 'held', winners: new Set(), tokens: new Set() }
  history.push(entry)
  const path = `/v1/transactions/${entry.id}`
  const sent = await insist(victim, running, 'POST', `${path}/verifications`, { channel: 'sms' }, { 'idempotency-key': `send-${number}` })
  if (sent.status !== 201) return
  entry.sent = true
  let code
  for (let tries = 0; !code && running(); tries++) {
    const inbox = await victim.call('GET', `/dev/inbox.json?to=${encodeURIComponent(number)}`)
    code = inbox.json?.[0]?.code
    if (!code) await sleep(30)
  }
  if (!code) return
  entry.code = code
  const checked = await victim.call('POST', `${path}/checks`, { code })
  if (checked.status === 200) entry.acknowledged = 'verified'
  // Without an answer it may have happened: looking tells, and only then is it acknowledged.
  const seen = await insist(victim, running, 'GET', path)
  if (seen.json?.status !== 'verified') return
  entry.acknowledged = 'verified'
  for (const claimer of ['one', 'two']) {
    const claimed = await insist(victim, running, 'POST', `${path}/claim`, undefined, { 'idempotency-key': `${claimer}-${number}` })
    if (claimed.status !== 200) continue
    assert.equal(claimed.json.payload.secret, secret)
    entry.winners.add(claimer)
    entry.tokens.add(claimed.json.fencing_token)
  }
  if (!running()) return
  const acknowledged = await insist(victim, running, 'POST', `${path}/ack`, { fencing_token: [...entry.tokens][0] })
  if (acknowledged.status === 200) entry.acknowledged = 'released'
}

const rank = { held: 0, verified: 1, released: 2 }

test(`nothing acknowledged is lost and nothing released twice in ${kills} kills`, { timeout: 300_000 }, async () => {
  const victim = new Victim()
  const hook = await receiver()
  await victim.start()
  assert.equal((await victim.call('POST', '/v1/webhook_endpoints', { url: hook.url, events: ['transaction.verified'] })).status, 201)

  const history = []
  const released = () => history.filter((e) => e.acknowledged === 'released')
  let on = true
  const running = () => on
  const work = Array.from({ length: clients }, async () => {
    while (on) await job(victim, history, running)
  })
  try {
    for (let i = 0; i < kills; i++) {
      await sleep(300 + Math.random() * 900)
      await victim.kill()
      await victim.start()
    }
    // On a slow machine few jobs get through between kills; enough must, for the result to mean anything.
    for (let waited = 0; released().length < 25 && waited < 120; waited++) await sleep(500)
  } finally {
    on = false
    await Promise.all(work)
  }

  let lost = 0
  let twice = 0
  for (const entry of history) {
    const now = await victim.call('GET', `/v1/transactions/${entry.id}`)
    if (now.status !== 200 || rank[now.json.status] < rank[entry.acknowledged]) lost++
    if (entry.winners.size > 1 || entry.tokens.size > 1) twice++
  }
  // A message's lease is a minute, a webhook's too: what a killed server had in hand comes due within that.
  const owed = () => history.filter((e) => rank[e.acknowledged] > 0 && !hook.seen.has(e.id))
  const reached = new Set()
  const unsent = async () => {
    // The inbox keeps the newest 500; what was seen in it once has gone out.
    for (const message of (await victim.call('GET', '/dev/inbox.json')).json ?? []) reached.add(message.to)
    return history.filter((e) => e.sent && !e.code && !reached.has(e.number))
  }
  for (let waited = 0; waited < 90 && (owed().length > 0 || (await unsent()).length > 0); waited++) await sleep(1000)
  const missing = await unsent()
  const doubled = [...hook.seen.values()].filter((ids) => ids.size > 1).length
  console.log(`${kills} kills, ${history.length} transactions, ${released().length} released: ${lost} lost, ${twice} released twice, ` +
    `${missing.length} messages and ${owed().length} webhooks missing, ${doubled} webhooks under two ids`)
  assert.ok(released().length >= 25, 'the load was too small to mean anything')
  assert.deepEqual([lost, twice, missing.length, owed().length, doubled], [0, 0, 0, 0, 0])
  await victim.stop()
  hook.close()
})
