// Asks the server at argv[2] what the public Ollama client can ask, and prints what it understood as one JSON object.
import { Ollama } from 'ollama'

const ollama = new Ollama({ host: process.argv[2] })
const seen = {}

const attempt = async (call) => {
  try {
    await call()
    return null
  } catch (error) {
    return { name: error.name, message: error.message, status: error.status_code ?? null }
  }
}

const question = [{ role: 'user', content: 'Why is checkout slow?' }]

seen.version = await ollama.version()
seen.list = await ollama.list()
seen.show = await ollama.show({ model: 'sim:small' })

seen.whole = await ollama.chat({ model: 'sim:small', messages: question })

seen.parts = []
for await (const part of await ollama.chat({ model: 'sim:small', messages: question, stream: true })) seen.parts.push(part)

seen.short = []
for await (const part of await ollama.chat({ model: 'sim:small', messages: question, stream: true, options: { num_predict: 3 } })) seen.short.push(part)

seen.generated = ''
for await (const part of await ollama.generate({ model: 'sim:large', prompt: 'Say something.', stream: true })) {
  seen.generated += part.response
  seen.generatedLast = part
}

seen.embed = await ollama.embed({ model: 'sim:embed', input: ['disk is full', 'disk is nearly full', 'hello'] })
seen.embedding = await ollama.embeddings({ model: 'sim:embed', prompt: 'disk is full' })

const tools = [{
  type: 'function',
  function: { name: 'query_metrics', description: 'Asks Prometheus.', parameters: { type: 'object', required: ['query'], properties: { query: { type: 'string' } } } },
}]
seen.tool = await ollama.chat({ model: 'sim:small', messages: [{ role: 'user', content: 'Please call query_metrics.' }], tools })
seen.afterTool = await ollama.chat({
  model: 'sim:small',
  messages: [{ role: 'user', content: 'Please call query_metrics.' }, seen.tool.message, { role: 'tool', content: '42', tool_name: 'query_metrics' }],
  tools,
})

seen.missing = await attempt(() => ollama.chat({ model: 'nobody:1b', messages: question }))
seen.ps = await ollama.ps()

// Last, because abort() ends whatever the client has open.
seen.aborted = await attempt(async () => {
  const stream = await ollama.chat({ model: 'sim:small', messages: [{ role: 'user', content: 'This one is left early.' }], stream: true })
  let count = 0
  for await (const _ of stream) {
    if (++count === 2) ollama.abort()
  }
})

console.log(JSON.stringify(seen))
