/**
 * Words that mean nearly the same or belong together, one concept a line, by hand: data of the vector space, so a
 * change makes another space. A concept is known by the number of its line.
 */
export const CONCEPT_GROUPS = `
weather forecast climate temperature meteorological rain humidity
email mail inbox gmail outlook smtp
message messaging chat sms text whatsapp telegram slack
calendar schedule appointment meeting event agenda
reminder alarm alert notification notify
buy purchase order checkout shop shopping acquire
sell sale vendor merchant
price cost pricing fee rate quote expense
money cash payment pay transaction transfer invoice billing bill
bank account balance deposit
stock share equity ticker nasdaq market portfolio
crypto cryptocurrency bitcoin ethereum blockchain token coin wallet
currency exchange forex convert
loan mortgage credit debt lending
invest investment investor fund asset
tax taxation irs
insurance policy premium claim coverage
budget finance financial accounting
flight airline airplane plane airport aviation
hotel accommodation lodging room airbnb stay motel
travel trip vacation tour tourism itinerary journey holiday
restaurant dining eat meal food cuisine dinner lunch
recipe cook cooking ingredient dish
nutrition diet calorie calories healthy
car vehicle automobile auto driving drive
taxi ride uber lyft cab
train railway rail subway metro bus transit
map location place address geocode coordinates latitude longitude geographic
route direction directions navigation navigate distance
near nearby closest local around
house home property estate apartment rent rental realtor housing
job career employment hire hiring recruit vacancy resume cv
employee staff worker personnel hr
company business corporation firm enterprise organization
customer client consumer buyer
lead crm sales prospect
marketing advertise advertising campaign promotion ad ads
seo keyword keywords ranking serp backlink
website web webpage site page url link
browser browse navigate chrome playwright puppeteer
scrape crawl extract scraping crawler
search find lookup query locate discover
recommend recommendation suggest suggestion advise advice
news headline article press
movie film cinema
tv show series episode television
music song track album artist playlist spotify lyrics
audio sound voice speech podcast
video clip youtube footage
image picture photo photograph photography illustration
draw drawing sketch paint painting art artwork artist
design designer ui ux layout
logo brand branding icon
game gaming gamer player play
sport sports team league match tournament score
football soccer
joke humor funny comedy
book novel library author literature reading
write writing writer compose draft author
rewrite paraphrase rephrase polish refine
edit editing modify revise change update
grammar spelling proofread proofreading
translate translation translator language multilingual
summarize summary summarise condense abstract
document doc docs file pdf word
spreadsheet excel csv sheet
presentation slide slides powerpoint ppt
note notes notebook memo
essay paper thesis dissertation academic scholarly
research study literature scientific scholar arxiv
citation reference bibliography bibtex
learn learning study teach teaching tutor education lesson course training
student pupil school university college
exam test quiz question
math mathematics arithmetic calculation calculate compute calculator
equation formula algebra solve solver
area perimeter circumference
triangle circle rectangle square geometry geometric
derivative integral calculus differentiate
statistic statistics mean median average variance standard deviation
probability chance likelihood odds
random dice lottery
physics velocity speed acceleration force energy
chemistry chemical molecule compound reaction element
biology gene protein dna genome species
health medical doctor patient clinic hospital healthcare
disease illness symptom diagnosis diagnose condition
medicine drug medication prescription pharmacy
fitness exercise workout gym
mental therapy psychology emotional counseling stress anxiety
love relationship dating romance
law legal lawyer attorney court lawsuit
contract agreement terms
crime criminal police
security secure vulnerability threat attack exploit
password credential login authentication authenticate auth signin
user profile account
database sql table postgres mysql sqlite query
code coding program programming programmer developer software
bug debug debugging error fix troubleshoot issue
test testing unit qa
git github repository repo commit
deploy deployment release ship ci cd pipeline
server host hosting infrastructure
cloud aws azure gcp
kubernetes k8s container docker cluster
monitor monitoring observability metrics logging
api endpoint rest graphql
frontend react vue angular javascript typescript css html
mobile ios android app application
python java rust golang cpp
data dataset
chart graph plot visualize visualization diagram dashboard
analyze analysis analytics analyse insight
predict prediction forecast projection
machine learning ml ai neural model
classify classification categorize category
sentiment emotion opinion
generate generation create make produce build
delete remove erase cancel discard
add insert append include
list show display enumerate
compare comparison versus difference
convert conversion transform
count number total sum amount quantity
start begin launch initiate
stop end terminate halt
send deliver post publish share
receive fetch download obtain
upload import
save store archive backup
open read view
time clock hour date day timezone
today now current latest recent live realtime
history historical past previous archive
ship shipping shipment parcel package delivery track tracking courier
phone telephone call mobile number
contact contacts address
domain dns whois ip
country nation state city region
translate interpreter
pet dog cat animal
plant garden gardening flower
child kid children baby
gift present
fashion clothing clothes outfit wear apparel
beauty makeup cosmetic skincare
astrology horoscope zodiac tarot
religion bible quran prayer church
history historical ancient
space nasa planet astronomy satellite
environment pollution air quality carbon emission
energy electricity power solar
farm agriculture crop soil
story tale narrative fiction storytelling
poem poetry poet verse
role roleplay character persona
interview interviewer candidate
plan planning planner roadmap strategy
task todo project management jira trello
workflow automate automation
agent assistant bot chatbot
prompt prompts instruction
social twitter facebook instagram tiktok linkedin reddit
post tweet hashtag
review rating feedback
product item goods catalog inventory
store shop retailer ecommerce amazon
coupon discount deal offer promo
ticket booking reserve reservation book
concert event festival
donate charity donation
qr barcode
color colour palette
font typography
3d model render
sleep rest
`
